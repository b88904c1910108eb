package explain

import "regexp"

// Foreign says which other protocol a line that was rejected looks like, and what to do; it is empty for a
// line that looks like none. The answers are a closed set.
func Foreign(line string) string {
	for _, p := range foreign {
		if p.line.MatchString(line) {
			return p.advice
		}
	}
	return ""
}

// foreign are the protocols that are sent to a StatsD port by mistake, each with what its first line looks
// like. The first that matches wins.
var foreign = []struct {
	line   *regexp.Regexp
	advice string
}{
	{
		regexp.MustCompile(`^([A-Z]+ \S+ HTTP/\d|HTTP/\d(\.\d)? \d{3})`),
		"this looks like HTTP: lines of StatsD are name:value|type, and HTTP is served at endpoint.listen",
	},
	{
		regexp.MustCompile(`^\x16\x03`),
		"this looks like TLS: weir takes lines of StatsD without TLS, and HTTPS is served at endpoint.listen",
	},
	{
		regexp.MustCompile(`^\s*(\{\s*("|$)|\[\s*([{"]|$))`),
		"this looks like JSON: lines of StatsD are name:value|type",
	},
	{
		regexp.MustCompile(`^[^\s:|]+ [-+]?[0-9.]+([eE][-+]?\d+)? -?\d{1,11}$`),
		"this looks like Graphite's plaintext protocol: lines of StatsD are name:value|type, without a time",
	},
	{
		regexp.MustCompile(`^[^\s:|]+ [^\s=,]+=\S+( \d+)?$`),
		"this looks like InfluxDB's line protocol: lines of StatsD are name:value|type",
	},
	{
		regexp.MustCompile(`^(# (HELP|TYPE) |[a-zA-Z_][a-zA-Z0-9_]*\{.*\} )`),
		"this looks like Prometheus's text format: let Prometheus scrape it where it is served",
	},
}
