package rival_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/bench/process"
	"weir/internal/poll"
)

// strictParser is the OpenMetrics parser of Prometheus's Python client, as a process. It reads what the
// specification says, where Prometheus itself lets much pass.
type strictParser struct {
	pages   io.Writer
	answers *bufio.Reader
}

// startStrictParser starts the parser, or skips the test (WEIR_E2E=require: fails it) when it is not installed. The
// end of the test stops it.
func startStrictParser(t *testing.T) *strictParser {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} { // the second is Debian's
		command := exec.Command(python, "testdata/strict.py")
		stdin, inErr := command.StdinPipe()
		stdout, outErr := command.StdoutPipe()
		if inErr != nil || outErr != nil {
			t.Fatal(inErr, outErr)
		}
		if command.Start() != nil {
			continue
		}
		parser := &strictParser{pages: stdin, answers: bufio.NewReader(stdout)}
		if answer, err := parser.answers.ReadString('\n'); err == nil && answer == "ready\n" {
			t.Cleanup(func() {
				if err := stdin.Close(); err != nil {
					t.Error(err)
				}
				if err := command.Wait(); err != nil {
					t.Error(err)
				}
			})
			return parser
		}
		_ = command.Wait() // it has no such module
	}
	process.Missing(t, "install python3-prometheus-client")
	return nil
}

// judge returns why the parser refuses a page; nil when it does not.
func (p *strictParser) judge(page []byte) error {
	if _, err := fmt.Fprintf(p.pages, "%d\n%s", len(page), page); err != nil {
		return err
	}
	answer, err := p.answers.ReadString('\n')
	if err == nil && answer != "ok\n" {
		err = fmt.Errorf("the strict parser says %s", strings.TrimSpace(answer))
	}
	return err
}

const strictFormat = "application/openmetrics-text; version=1.0.0; escaping=underscores"

// The strict parser accepts OpenMetrics pages of any lines, also where observations are negative and names
// look like names that OpenMetrics derives from others.
func TestStrictParser(t *testing.T) {
	parser := startStrictParser(t)
	rapid.Check(t, func(t *rapid.T) {
		options := aggregate.DefaultOptions()
		options.Timers.Observer = rapid.SampledFrom([]string{
			aggregate.ObserverHistogram, aggregate.ObserverNative, aggregate.ObserverBoth, aggregate.ObserverSummary,
		}).Draw(t, "observer")
		options.Timers.Buckets = rapid.SampledFrom([][]float64{{0.1, 1}, {-1, 0, 1}}).Draw(t, "buckets")
		options.Series.CounterBirth = rapid.SampledFrom([]string{
			aggregate.BirthValue, aggregate.BirthZero,
		}).Draw(t, "counter birth")
		options.Sanitize.Names = rapid.SampledFrom([]string{aggregate.NamesLegacy, aggregate.NamesUTF8}).Draw(t, "names")
		options.Series.ExemplarTags = []string{"trace", "b"}
		registry := aggregate.New(options)
		shard := registry.NewShard()
		record(shard, rapid.SliceOfN(line, 0, 20).Draw(t, "lines"))
		record(shard, rapid.SliceOfN(clashingLine, 0, 20).Draw(t, "clashing lines"))
		page, contentType, err := scrape(registry, strictFormat)
		if err != nil {
			t.Fatal(err)
		}
		if err := parser.judge(page); err != nil {
			t.Fatalf("%v\n%s", err, page)
		}
		if _, err := judge(page, contentType); err != nil {
			t.Fatalf("%v\n%s", err, page)
		}
	})
}

// clashingLine draws lines of names that OpenMetrics derives from other names, and negative values. A histogram or a
// summary "h" beside "h_created" is the one clash that stays: see docs/formats.md.
var clashingLine = rapid.Custom(func(t *rapid.T) string {
	name := rapid.SampledFrom([]string{
		"x|c", "x_total|c", "x_created|c", "x_created|g", "x_total_total|c", "x_created_total|c", "_total|c", "h|h", "h|ms",
		"h_total|c", "h_sum_total|c", "h_count_total|c", "h_bucket_total|c", "h_created_total|c", "s|s", "g_total|g", "g_info|g",
	}).Draw(t, "name")
	name, kind, _ := strings.Cut(name, "|")
	value := rapid.SampledFrom([]string{"1", "-1", "0", "0.5", "-inf", "inf", "1e300", "-1e-300"}).Draw(t, "value")
	tags := rapid.SampledFrom([]string{"", "|#a:b", "|#le:1", "|#trace:abc", "|#trace:a b,b:c\\", "|#quantile:2"}).Draw(t, "tags")
	return name + ":" + value + "|" + kind + tags
})

// The strict parser accepts the pages of the program weir, with its own families.
func TestStrictParserOfProgram(t *testing.T) {
	parser, w := startStrictParser(t), startWeir(t)
	c, err := net.Dial("tcp", w.TCP)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	lines := []string{"t:-5|ms", "weir_scrape_duration_seconds_sum_total:1|c"}
	for seed := range 1000 {
		lines = append(lines, clashingLine.Example(seed), line.Example(seed))
	}
	const last = "the_last 1.0\n"
	if _, err := io.WriteString(c, strings.Join(lines, "\n")+"\nthe_last:1|c\n"); err != nil {
		t.Fatal(err)
	}
	poll.Within(t, waitLimit, func() error {
		page, _, err := fetch("http://"+w.HTTP+w.Path, strictFormat)
		if err != nil {
			t.Fatal(err)
		}
		if err := parser.judge(page); err != nil {
			t.Fatalf("%v\n%s", err, page)
		}
		if !strings.Contains(string(page), last) {
			return errNotYet
		}
		return nil
	})
}
