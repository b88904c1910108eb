package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// report has everything that the tables show.
type report struct {
	machine string // the header, lines of "key: value"
	targets []*target
	results *results
}

// markdown returns the tables, without those of measurements that were not made.
func (r *report) markdown() string {
	var b strings.Builder
	b.WriteString("# weir compared\n\n```\n" + r.machine + "```\n\n")
	for _, s := range scenarios() {
		if s.search {
			r.appendHighest(&b, s)
		} else {
			r.appendWindows(&b, s)
		}
	}
	r.appendScrapes(&b)
	r.appendIdle(&b)
	r.appendDelays(&b)
	r.appendLooked(&b)
	r.appendTargets(&b)
	b.WriteString("\nMade by `make compare` or `make load`; bench/compare/doc.go says how it measures. " +
		"Ratios are of this run. They carry over to other machines better than the absolute numbers do.\n")
	return b.String()
}

// appendWindows appends the table of a scenario at a rate.
func (r *report) appendWindows(b *strings.Builder, s scenario) {
	cpu := func(target string) float64 {
		return cpuPerMillion(atRate(r.results.windows[key{s.name, target}], s.rate))
	}
	weir, null := cpu(nameWeir), cpu(nameNullC)
	var rows [][]string
	for _, t := range r.targets {
		windows := r.results.windows[key{s.name, t.name}]
		for _, rate := range rates(windows) {
			lines, lost, peak, lag := 0.0, 0.0, uint64(0), 0.0
			same := atRate(windows, rate)
			for i := range same {
				w := &same[i]
				lines, lost = lines+float64(w.sent.Lines), lost+w.lost
				peak, lag = max(peak, w.used.peak), max(lag, w.sent.MaxLagSeconds)
			}
			used := cpuPerMillion(same)
			rows = append(rows, []string{
				t.name, number(rate), number(used), ratio(used, weir), ratio(used, null),
				share(lost, lines), mebibytes(peak), fmt.Sprintf("%.0f ms", lag*1000),
			})
		}
	}
	appendTable(b, s.title, []string{
		"receiver", "lines/s", "CPU s per million lines", "x weir", "x null-c", "lost", "peak RSS",
		"sender late by",
	}, rows)
}

// rates returns the rates of windows, each once, the first first.
func rates(windows []window) []float64 {
	var all []float64
	for i := range windows {
		if rate := windows[i].linesPerSecond; !slices.Contains(all, rate) {
			all = append(all, rate)
		}
	}
	return all
}

// atRate returns the windows of one rate.
func atRate(windows []window, linesPerSecond float64) []window {
	var same []window
	for i := range windows {
		if windows[i].linesPerSecond == linesPerSecond {
			same = append(same, windows[i])
		}
	}
	return same
}

// cpuPerMillion returns the median of windows, NaN without windows.
func cpuPerMillion(windows []window) float64 {
	if len(windows) == 0 {
		return math.NaN()
	}
	rounds := make([]float64, len(windows))
	for i := range windows {
		rounds[i] = windows[i].cpuPerMillion()
	}
	return median(rounds)
}

// appendHighest appends the table of a search.
func (r *report) appendHighest(b *strings.Builder, s scenario) {
	rate := func(target string) float64 {
		if found, is := r.results.highest[key{s.name, target}]; is {
			return found.linesPerSecond
		}
		return math.NaN()
	}
	var rows [][]string
	for _, t := range r.targets {
		found, is := r.results.highest[key{s.name, t.name}]
		if !is {
			continue
		}
		text := number(found.linesPerSecond)
		if found.atLeast {
			text = "at least " + text
		}
		rows = append(rows, []string{
			t.name, text, ratio(rate(t.name), rate(nameWeir)), ratio(rate(t.name), rate(nameNullC)),
		})
	}
	appendTable(b, s.title, []string{"receiver", "lines/s", "x weir", "x null-c"}, rows)
}

// appendScrapes appends the table of scrapes.
func (r *report) appendScrapes(b *strings.Builder) {
	weir := func(like scrapes) float64 {
		for _, s := range r.results.scrapes[nameWeir] {
			if s.series == like.series && s.encoding == like.encoding {
				return milliseconds(s.median)
			}
		}
		return math.NaN()
	}
	var rows [][]string
	for _, t := range r.targets {
		for _, s := range r.results.scrapes[t.name] {
			rows = append(rows, []string{
				t.name, number(float64(s.series)), s.encoding, number(milliseconds(s.median)) + " ms",
				number(milliseconds(s.worst)) + " ms", ratio(milliseconds(s.median), weir(s)),
				number(milliseconds(s.cpu)) + " ms", number(float64(s.bytes)),
			})
		}
	}
	appendTable(b, "Scrapes of counters with 3 tags, all changed since the last", []string{
		"receiver", "series", "encoding", "median", "worst", "x weir", "CPU", "bytes",
	}, rows)
}

// appendIdle appends the table of what idleness costs.
func (r *report) appendIdle(b *strings.Builder) {
	var rows [][]string
	for _, t := range r.targets {
		if i, is := r.results.idle[t.name]; is {
			rows = append(rows, []string{t.name, fmt.Sprintf("%.3f %%", i.share*100), mebibytes(i.resident)})
		}
	}
	appendTable(b, "Idle, just started", []string{"receiver", "CPU of a core", "RSS"}, rows)
}

// appendDelays appends the table of how long lines wait until they are recorded.
func (r *report) appendDelays(b *strings.Builder) {
	var rows [][]string
	for i := range r.results.delays {
		d := &r.results.delays[i]
		rows = append(rows, []string{
			d.during, number(float64(d.series)), number(float64(d.scrapes)),
			number(milliseconds(d.median)) + " ms", number(milliseconds(d.late)) + " ms",
			number(milliseconds(d.worst)) + " ms",
			share(float64(d.lost), float64(d.sent)),
		})
	}
	appendTable(b, "Delay of a line in weir, until it is recorded", []string{
		"meanwhile", "series", "scrapes", "median", "99th percentile", "worst", "lost",
	}, rows)
}

// appendLooked appends the table of what somebody who looks costs.
func (r *report) appendLooked(b *strings.Builder) {
	var rows [][]string
	for _, l := range r.results.looked {
		slices.Sort(l.answers)
		lines, lost := 0.0, 0.0
		for i := range l.windows {
			lines, lost = lines+float64(l.windows[i].sent.Lines), lost+l.windows[i].lost
		}
		used, nobody := cpuPerMillion(l.windows), cpuPerMillion(r.results.looked[0].windows)
		rows = append(rows, []string{
			l.state, number(used), ratio(used, nobody), share(lost, lines),
			number(milliseconds(l.first)) + " ms", separate(strconv.Itoa(len(l.answers))),
			number(milliseconds(percentile99(l.answers))) + " ms",
		})
	}
	appendTable(b, "Somebody looks at weir, which has many series and takes 500,000 lines/s", []string{
		"who", "CPU s per million lines", "x nobody", "lost", "slowest first answer", "answers after it",
		"99th percentile of them",
	}, rows)
}

// appendTargets appends the list of targets, and why some could not be measured.
func (r *report) appendTargets(b *strings.Builder) {
	b.WriteString("## Receivers\n\n")
	for _, t := range r.targets {
		if t.lacks == "" {
			fmt.Fprintf(b, "- %s: %s\n", t.name, t.about)
		} else {
			fmt.Fprintf(b, "- %s: NOT MEASURED: %s\n", t.name, strings.Join(strings.Fields(t.lacks), " "))
		}
	}
}

// appendTable appends a heading and a table, nothing when it has no rows. All columns but the first are
// aligned to the right.
func appendTable(b *strings.Builder, title string, columns []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	b.WriteString("## " + title + "\n\n")
	b.WriteString("| " + strings.Join(columns, " | ") + " |\n")
	b.WriteString("|---|" + strings.Repeat("---:|", len(columns)-1) + "\n")
	for _, row := range rows {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	b.WriteByte('\n')
}

const unknown = "-"

// number returns three digits of a number, all of a large whole one with separators.
func number(value float64) string {
	switch {
	case math.IsNaN(value):
		return unknown
	case value >= 1000:
		return separate(fmt.Sprintf("%.0f", value))
	case value == 0:
		return "0"
	}
	digits := max(0, 2-int(math.Floor(math.Log10(value))))
	return fmt.Sprintf("%.*f", digits, value)
}

// separate puts commas between thousands.
func separate(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// ratio returns value/base with two decimals, or "-" when one of them is missing.
func ratio(value, base float64) string {
	if quotient := value / base; base != 0 && !math.IsNaN(quotient) {
		return fmt.Sprintf("%.2f", quotient)
	}
	return unknown
}

// share returns a part of a whole in percent; a small loss is never shown as 0.
func share(part, whole float64) string {
	switch percent := part / whole * 100; {
	case part == 0:
		return "0"
	case percent > 0 && percent < 0.01:
		return "< 0.01 %"
	default:
		return fmt.Sprintf("%.2f %%", percent)
	}
}

func mebibytes(bytes uint64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }
