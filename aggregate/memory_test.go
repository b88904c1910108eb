//go:build !race

package aggregate_test

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/aggregate"
	"weir/protocol"
)

// resident returns the memory of this process that is resident, after a collection, in bytes.
func resident(tb testing.TB) int {
	tb.Helper()
	debug.FreeOSMemory()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		tb.Skip("needs /proc: ", err)
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, err := strconv.Atoi(strings.Fields(after)[0])
	if err != nil {
		tb.Fatal(err)
	}
	return kilobytes << 10
}

// flood sends n series that nobody has seen, from the given number on.
func flood(shard *aggregate.Shard, from, n int) {
	tags := make([]byte, 0, 64)
	s := protocol.Sample{Name: []byte("flood"), Value: 1, Rate: 1}
	for i := range n {
		tags = append(tags[:0], "env:prod,request_id:"...)
		s.Tags = strconv.AppendInt(tags, int64(from+i), 10)
		shard.Record(&s)
	}
}

// Ten million series that the limit refuses leave memory where it is, and the live series are still found
// without the registry.
func TestFloodLeavesMemoryBounded(t *testing.T) {
	for action, n := range map[string]int{
		aggregate.OverflowDropAndWarn: 10_000_000, aggregate.OverflowFold: 1_000_000,
	} {
		t.Run(action, func(t *testing.T) {
			if testing.Short() {
				n /= 10
			}
			r := newRegistry(func(o *aggregate.Options) { o.Limits.OverflowAction = action })
			shard := r.NewShard()
			known := protocol.Sample{Name: []byte("known"), Tags: []byte("a:1"), Value: 1, Rate: 1}
			shard.Record(&known)
			flood(shard, 0, 20_000) // fills what may be filled
			before := resident(t)
			for from := 20_000; from < n; from += n / 100 {
				flood(shard, from, n/100)
				if allocs := testing.AllocsPerRun(1, func() { shard.Record(&known) }); allocs != 0 {
					t.Fatalf("the known series allocates %v times", allocs)
				}
			}
			if grown := resident(t) - before; grown > 16<<20 {
				t.Errorf("%d refused series took %d KiB", n, grown>>10)
			}
			refused := float64(n - 10_000) // within 1 in fact
			if got := float64(r.Stats().SeriesRefused); got < 0.97*refused || got > 1.03*refused {
				t.Errorf("about %v distinct series were refused, want about %v", got, refused)
			}
			if label, values := r.HighestCardinalityLabel("flood"); label != "request_id" || values < 9_000 {
				t.Errorf("HighestCardinalityLabel: %s with %d values, want request_id", label, values)
			}
			runtime.KeepAlive(shard)
		})
	}
}

// A million series that are created and expire in turns leave no memory behind.
func TestChurnLeavesMemoryStable(t *testing.T) {
	const rounds, batch = 10, 100_000
	r := newRegistry(func(o *aggregate.Options) {
		o.Series.TTL = 10 * time.Second
		o.Limits.MaxSeriesPerMetric = batch + 1
	})
	start := time.Unix(1_800_000_000, 0)
	shard := r.NewShard()
	known := protocol.Sample{Name: []byte("known"), Value: 1, Rate: 1}
	after := make([]int, 0, rounds) // each round
	for round := range rounds {
		r.Tick(start.Add(time.Duration(round) * time.Minute))
		flood(shard, round*batch, batch)
		if got := r.Stats().Series; got != batch+1 && round > 0 {
			t.Fatalf("round %d: %d series, want %d", round, got, batch+1)
		}
		r.Tick(start.Add(time.Duration(round)*time.Minute + 9*time.Second))
		shard.Record(&known)
		r.Tick(start.Add(time.Duration(round)*time.Minute + 15*time.Second))
		r.Sweep()
		shard.Record(&known) // the owner forgets
		if got := r.Stats().Series; got != 1 {
			t.Fatalf("round %d: %d series after the sweep, want 1", round, got)
		}
		r.Tick(start.Add(time.Duration(round)*time.Minute + 24*time.Second))
		shard.Record(&known)
		after = append(after, resident(t))
	}
	t.Logf("resident after each round, in MiB: %d", mebibytes(after))
	if first, last := after[1], after[rounds-1]; last > first+8<<20 {
		t.Errorf("resident: %d MiB after two rounds, %d MiB after all", first>>20, last>>20)
	}
	runtime.KeepAlive(shard)
}

// The values that a label took are remembered when their series have expired, and take little memory, however
// long they are.
func TestLabelValuesTakeLittle(t *testing.T) {
	const values = 10_000
	r := newRegistry(func(o *aggregate.Options) {
		o.Rules = mustRules(t, `mappings: [{match: a, name: a, ttl: 10s, max_label_values: {m: 10000}}]`)
		o.Sanitize.LabelValueMaxLength, o.Limits.MaxSeriesPerMetric = 4000, values+1
	})
	start, shard := time.Unix(1_800_000_000, 0), r.NewShard()
	before := resident(t)
	r.Tick(start)
	for i := range values {
		shard.Record(&protocol.Sample{
			Name: []byte("a"), Tags: fmt.Appendf(nil, "m:%04000d", i), Value: 1, Rate: 1,
		})
	}
	r.Tick(start.Add(time.Minute))
	r.Sweep()
	line(t, shard, "a:1|c|#m:none_is_left") // the owner forgets
	if got := allSeries(r); got != `a{m="other"}` {
		t.Errorf("after %d values: %.100s", values, got)
	}
	if grown := resident(t) - before; grown > 16<<20 {
		t.Errorf("%d values of 4000 bytes take %d KiB", values, grown>>10)
	}
	runtime.KeepAlive(shard)
}

func mebibytes(sizes []int) []int {
	for i := range sizes {
		sizes[i] >>= 20
	}
	return sizes
}

// seriesSample returns the sample of series i: three tags, as applications send them.
func seriesSample(kind protocol.Kind, i int) protocol.Sample {
	return protocol.Sample{
		Name: []byte("http.server.requests"), Kind: kind, Value: float64(i % 1000), Rate: 1, Text: []byte("member"),
		Tags: fmt.Appendf(nil, "env:production,host:web-%04d,path:/api/v1/items/%d", i%1000, i/1000),
	}
}

// bytesPerSeries returns how much the heap grows for each of n series of a kind, by one shard, with
// everything: raw keys, labels, cells, tables, the registry and the snapshot of a scrape.
func bytesPerSeries(tb testing.TB, kind protocol.Kind, observer string, n int) float64 {
	tb.Helper()
	r := newRegistry(func(o *aggregate.Options) {
		o.Timers.Observer, o.Limits.MaxSeriesPerMetric, o.Limits.MaxTotalSeries = observer, n, n
	})
	shard := r.NewShard()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range n {
		s := seriesSample(kind, i)
		shard.Record(&s)
	}
	r.Snapshot()
	runtime.GC()
	runtime.ReadMemStats(&after)
	if got := r.Stats().Series; got != n {
		tb.Fatalf("%d series, want %d", got, n)
	}
	runtime.KeepAlive(shard)
	return float64(after.HeapAlloc-before.HeapAlloc) / float64(n)
}

// A counter series with three tags costs at most 400 bytes.
func TestCounterSeriesSize(t *testing.T) {
	if got := bytesPerSeries(t, protocol.KindCounter, aggregate.ObserverHistogram, 100_000); got > 400 {
		t.Errorf("a counter series takes %.0f bytes, want at most 400", got)
	}
}

// BenchmarkBytesPerSeries reports what a series of three tags with one sample costs, of each kind. Run:
//
//	go test -run='^$' -bench=BytesPerSeries -benchtime=1x ./aggregate
func BenchmarkBytesPerSeries(b *testing.B) {
	kinds := []struct {
		kind     protocol.Kind
		observer string
	}{
		{protocol.KindCounter, aggregate.ObserverHistogram},
		{protocol.KindGauge, aggregate.ObserverHistogram},
		{protocol.KindSet, aggregate.ObserverHistogram},
		{protocol.KindTimer, aggregate.ObserverHistogram},
		{protocol.KindTimer, aggregate.ObserverNative},
		{protocol.KindTimer, aggregate.ObserverSummary},
	}
	for _, k := range kinds {
		for _, n := range []int{10_000, 100_000, 1_000_000} {
			name := fmt.Sprintf("kind=%s/series=%d", k.kind, n)
			if k.kind == protocol.KindTimer {
				name = fmt.Sprintf("kind=%s/observer=%s/series=%d", k.kind, k.observer, n)
			}
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					b.ReportMetric(bytesPerSeries(b, k.kind, k.observer, n), "B/series")
				}
			})
		}
	}
}
