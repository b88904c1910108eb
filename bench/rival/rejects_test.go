package rival_test

import (
	"strings"
	"testing"
)

const textType = "text/plain; version=0.0.4; charset=utf-8"

func TestJudgeAccepts(t *testing.T) {
	f := func(text string) {
		t.Helper()
		if _, err := judge([]byte(text), textType); err != nil {
			t.Errorf("judge(%q): %v", text, err)
		}
	}
	f("")
	f("# HELP a b\n# TYPE a counter\na 1\na{b=\"c\\\"\"} 2\n")
	f("# HELP a b\n# TYPE a gauge\na -1\n# HELP ab b\n# TYPE ab gauge\nab NaN\n")
	f("# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 2\na_sum 3\na_count 2\n" +
		"a_bucket{b=\"\",le=\"+Inf\"} 0\na_sum{b=\"\"} 0\na_count{b=\"\"} 0\n")
}

// The judge must see what is wrong, or its word means nothing.
func TestJudgeRejects(t *testing.T) {
	f := func(text string) {
		t.Helper()
		if _, err := judge([]byte(text), textType); err == nil {
			t.Errorf("judge(%q) accepts it", text)
		}
	}
	const counter, gauge = "# HELP a b\n# TYPE a counter\n", "# HELP a b\n# TYPE a gauge\n"
	f("a 1\n")
	f("# TYPE a counter\na 1\n")
	f("# HELP a b\n")
	f("# HELP a b\na 1\n")
	f(counter + "a -1\n")
	f(counter + "a NaN\n")
	f(counter + "b 1\n")
	f(counter + "a_total 1\n")
	f(counter + "a 1\na 1\n")
	f(counter + "a{b=\"1\",b=\"2\"} 1\n")
	f(counter + "a 1 1700000000000\n")
	f(counter + "a{b=\"1} 1\n")
	f(counter + "a{b=\"\xff\"} 1\n")
	f(counter + counter + "a 1\n")
	f(counter + gauge + "a 1\n")
	f(counter + "a 1\n" + strings.ReplaceAll(counter, "a ", "b ") + "b 1\n" + counter)
	const histogram = "# HELP a b\n# TYPE a histogram\n"
	f(histogram + "a_bucket{le=\"1\"} 1\na_sum 3\na_count 1\n")
	f(histogram + "a_bucket{le=\"+Inf\"} 2\na_sum 3\na_count 1\n")
	f(histogram + "a_bucket{le=\"1\"} 3\na_bucket{le=\"+Inf\"} 2\na_sum 3\na_count 2\n")
	f(histogram + "a_bucket{le=\"+Inf\"} 2\na_bucket{le=\"1\"} 2\na_sum 3\na_count 2\n")
	f(histogram + "a_bucket{le=\"+Inf\"} 2\na_sum 3\n")
	f(histogram + "a_bucket{le=\"+Inf\"} 2\na_count 2\n")
	f(histogram + "a 1\n")
}
