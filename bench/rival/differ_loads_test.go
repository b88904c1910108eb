package rival_test

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"weir/aggregate/mapping"
)

// testLoads holds that weir loads every mapping file that statsd_exporter loads, however odd its values are. Most of
// the files have one mistake.
func (p programs) testLoads(t *testing.T) {
	const files = 300
	loaded := make([]bool, files)
	t.Run("random", func(t *testing.T) {
		for seed := range uint64(files) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				content := dice{rand.New(rand.NewPCG(seed, 1))}.oddFile()
				check := exec.Command(p.exporter, "--check-config", "--statsd.mapping-config="+writeRules(t, content))
				if check.Run() != nil {
					return
				}
				loaded[seed] = true
				if _, err := mapping.ParseCompat("m.yaml", []byte(content)); err != nil {
					t.Errorf("%v:\n%s", err, content)
				}
			})
		}
	})
	n := 0
	for _, is := range loaded {
		if is {
			n++
		}
	}
	t.Logf("statsd_exporter loads %d of %d files", n, files)
	if n < files/4 {
		t.Errorf("it loads only %d: the files are too odd to show anything", n)
	}
}

// oddFile draws a mapping file of one rule, or of defaults, in which one value is odd and a second one may be.
func (r dice) oddFile() string {
	rule := map[string]string{"match": "'a.*'", "name": "'a_$1'"}
	for range 1 + r.IntN(4)/3 {
		switch r.IntN(8) {
		case 0:
			rule["name"] = "'" + r.one("$1", "${1}", "$0", "$1_total", "a_$1_x", "$2", "a$2", "$1$2", "${1_a}", "$a", "${1", "a${1", "$", "0a") + "'"
		case 1:
			rule["match"], rule["match_type"] = "'"+r.one(".*_bar", "(.*)_bar", "(?P<n>.*)", "", "a")+"'", "regex"
		case 2:
			rule["match"] = "'" + r.one("a", "*", "*.a", "a*", "a..b", ".a", "1a", "a.1", "a-", "-a", "a b", "a:b", "é", "a!b", "a.-b") + "'"
		case 3:
			name := r.one("le", "quantile", "__a", "_a", "a", "A1", "1a", "a-b", "é", "__name__", "container_id")
			rule["labels"] = fmt.Sprintf("{%s: '%s'}", name, r.one("x", "$1", "$2", "$1_x", "${1", "%d", ""))
		case 4:
			rule[r.one("ttl", "scale", "honor_labels", "help", "match_metric_type", "action")] = r.oddValue()
		case 5:
			rule["observer_type"] = "summary"
			rule["summary_options"] = r.one(
				fmt.Sprintf("{%s: %s}", r.one("max_age", "age_buckets", "buf_cap", "quantiles"), r.oddValue()),
				fmt.Sprintf("{quantiles: [{quantile: %s, error: %s}]}", r.oddValue(), r.one("0.1", r.oddValue())),
			)
		case 6:
			rule["observer_type"] = "histogram"
			rule["histogram_options"] = r.one(
				fmt.Sprintf("{native_histogram_%s: %s}", r.one("bucket_factor", "max_buckets"), r.oddValue()),
				fmt.Sprintf("{buckets: [1, %s, %s]}", r.oddValue(), r.one("2", r.oddValue())),
			)
		case 7:
			return fmt.Sprintf("defaults: {%s: %s}\n", r.one("ttl", "glob_disable_ordering", "observer_type", "match_type"), r.oddValue())
		}
	}
	var keys []string
	for key, value := range rule {
		keys = append(keys, key+": "+value)
	}
	return "mappings:\n- {" + strings.Join(keys, ", ") + "}\n"
}

func (r dice) oddValue() string {
	return r.one("", "~", "5", "-5", "1.5", "0", "60", "60s", "-1s", "1d", "yes", "off", "true", "'5'", ".inf", "-.inf", ".nan", "1e3",
		"0x10", "010", "1_000", "+5", "[]", "{}", "a b", "2001-01-01", "''", "counter", "map", "summary", "glob")
}
