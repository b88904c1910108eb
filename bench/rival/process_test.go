package rival_test

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"net"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"weir/bench/process"
	"weir/bench/workload"
	"weir/bench/workload/verdict"
	"weir/internal/poll"
)

// Prometheus accepts what the program weir exposes: idle, after lines as applications send them, whose every
// number it must read as sent, and after any lines.
func TestProgram(t *testing.T) {
	w := startWeir(t)
	w.judge(t)
	generator := workload.New(workload.Spec{
		Seed: 1, Series: 500, Tags: 3, Mix: workload.EveryKind(), SampledShare: 0.2, PackedShare: 0.2,
	})
	found := w.send(t, string(generator.AppendDatagram(nil, 5000, math.MaxInt)))
	delete(found.families, lastFamily)
	for _, difference := range verdict.Compare(generator.Expected(), found.families) {
		t.Error(difference)
	}
	var arbitrary []string
	for seed := range 3000 {
		arbitrary = append(arbitrary, line.Example(seed))
	}
	w.send(t, strings.Join(arbitrary, "\n"))
}

// With the production configuration six of weir's own families have second names. Prometheus accepts them in every
// format, whatever senders call their metrics.
func TestSecondNames(t *testing.T) {
	w := startWeir(t, "--config=../../config/testdata/production.good.yaml", "--rate_limiting.enabled=false")
	const prefix = "llmdevops_metrics_"
	var lines []string
	for _, name := range []string{
		"series_count", "series", "scrape_size_bytes", "scrape_size_bytes_sum_total", "scrape_size_bytes_bucket", "cache_hits",
		"cache_hits_total", "cache_misses_created", "cardinality_overflow_total", "cardinality_overflow", "own",
	} {
		for _, typ := range []string{"c", "ms", "g"} {
			lines = append(lines, prefix+name+":1|"+typ, strings.ReplaceAll(prefix, "_", ".")+name+":1|"+typ)
		}
	}
	for i := range 1001 { // one more than the limit allows
		lines = append(lines, fmt.Sprintf("busy:1|c|#id:%d", i))
	}
	found := w.send(t, strings.Join(lines, "\n"))
	for first, second := range map[string]string{
		"scrape_duration_seconds": "", "scrape_size_bytes": "", "cache_hits_total": "", "cache_misses_total": "",
		"cardinality_overflow_total": "", "series": "series_count",
	} {
		a, b := found.families["weir_"+first], found.families[prefix+cmp.Or(second, first)]
		if len(a.GetMetric()) == 0 || !slices.EqualFunc(a.GetMetric(), b.GetMetric(), sameMetric) || a.GetType() != b.GetType() {
			t.Errorf("weir_%s is\n%v\nits second name has\n%v", first, a, b)
		}
	}
	if found.families[prefix+"own"] == nil {
		t.Errorf("no %sown: only names that are taken are reserved", prefix)
	}
}

func sameMetric(a, b *dto.Metric) bool { return a.String() == b.String() }

// program is a running weir.
type program struct{ *process.Process }

// startWeir starts weir with flags. The end of the test stops it.
func startWeir(t *testing.T, flags ...string) *program {
	t.Helper()
	w := process.Start(t, process.Weir(process.BuildWeir(t), flags...))
	t.Cleanup(func() { process.MustStop(t, w) })
	return &program{w}
}

// judge scrapes once, and fails the test when the exposition is not valid.
func (p *program) judge(t *testing.T) *finding {
	t.Helper()
	var found *finding
	for _, accept := range slices.Backward(formats) { // text, which tells all, last
		text, contentType, err := fetch("http://"+p.HTTP+p.Path, accept)
		if err != nil {
			t.Fatal(err)
		}
		if found, err = judge(text, contentType); err != nil {
			t.Fatalf("%s: %v\n%s", accept, err, text)
		}
	}
	return found
}

// lastFamily counts the calls of send.
const lastFamily = "the_last"

// send sends lines over TCP and returns a scrape that shows them all.
func (p *program) send(t *testing.T, lines string) *finding {
	t.Helper()
	c, err := net.Dial("tcp", p.TCP)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const last = `{__name__="` + lastFamily + `"}`
	want := p.judge(t).values[last] + 1
	if _, err := io.WriteString(c, lines+"\n"+lastFamily+":1|c\n"); err != nil {
		t.Fatal(err)
	}
	var found *finding
	poll.Within(t, waitLimit, func() error {
		if found = p.judge(t); found.values[last] != want {
			return errNotYet
		}
		return nil
	})
	return found
}
