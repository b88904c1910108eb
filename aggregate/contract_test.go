//go:build !race

package aggregate_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/cpu"

	"weir/aggregate"
	"weir/protocol"
)

func TestRecordHitAllocatesNothing(t *testing.T) {
	f := func(observer string, m protocol.Sample) {
		t.Helper()
		r := newRegistry(func(o *aggregate.Options) { o.Timers.Observer = observer })
		shard := r.NewShard()
		shard.Record(&m)
		if got := testing.AllocsPerRun(100, func() { shard.Record(&m) }); got != 0 {
			t.Errorf("a hit of kind %d, observer %s, allocates %v times", m.Kind, observer, got)
		}
	}
	for _, observer := range []string{
		aggregate.ObserverHistogram, aggregate.ObserverNative, aggregate.ObserverBoth, aggregate.ObserverSummary,
	} {
		for kind := range protocol.KindEvent {
			f(observer, protocol.Sample{Name: []byte("a.name"), Text: []byte("1"), Value: 1, Rate: 1, Kind: kind})
			f(observer, protocol.Sample{
				Name: []byte("a.name"), Tags: []byte("a:1,b:2,c"), Text: []byte("1"), Value: 1, Rate: 0.3, Kind: kind,
			})
		}
	}
	f(aggregate.ObserverHistogram, protocol.Sample{
		Name: []byte("a.name"), Value: 1, Rate: 1, Kind: protocol.KindGauge, Relative: true,
	})
}

// A shard that makes labels of origins puts its keys together, in memory that it has.
func TestRecordOriginAllocatesNothing(t *testing.T) {
	r := newRegistry(nil)
	shard := r.NewTaggedShard(aggregate.Tagging{Dialects: protocol.AllDialects, ContainerID: true})
	m := protocol.Sample{Name: []byte("a.name"), Tags: []byte("a:1"), Container: []byte("ci-1"), Value: 1, Rate: 1}
	shard.Record(&m)
	if got := testing.AllocsPerRun(100, func() { shard.Record(&m) }); got != 0 {
		t.Errorf("a hit with an origin allocates %v times", got)
	}
}

func TestRecordBatchAllocatesNothing(t *testing.T) {
	for _, series := range []int{1, 30_000} { // the second makes the shard look ahead
		r, samples := benchmarkSamples(protocol.KindCounter, 3, series)
		shard := r.NewShard()
		for i := range samples {
			shard.Record(&samples[i])
		}
		reasons := make([]protocol.Reason, aggregate.BatchSize)
		shard.Woke()
		if got := testing.AllocsPerRun(100, func() { shard.RecordBatch(samples[:len(reasons)], reasons) }); got != 0 {
			t.Errorf("a batch of hits among %d series allocates %v times", series, got)
		}
	}
}

// A refused series must cost no memory, however often it comes.
func TestRefusalAllocatesNothing(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Limits.MaxTotalSeries = 1 })
	shard := r.NewShard()
	for kind := range protocol.KindEvent {
		m := protocol.Sample{Name: []byte("a.name"), Tags: []byte("a:1,b"), Value: 1, Rate: 1, Kind: kind, Text: []byte("1")}
		m.Tags[2] += byte(kind)
		shard.Record(&m)
		if kind == 0 {
			continue
		}
		if got := testing.AllocsPerRun(100, func() { shard.Record(&m) }); got != 0 {
			t.Errorf("a refusal of kind %d allocates %v times", kind, got)
		}
	}
}

// What is called for every sample and costs less than its call is inlined.
func TestInlining(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("needs 64 bits: elsewhere an atomic word of 64 is a call")
	}
	out, err := exec.Command("go", "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Skipf("no compiler to ask: %v", err)
	}
	for _, name := range []string{
		"(*Tagging).usesOrigin", "(*clock).seconds", "(*lastSeen).touch", "checkIncrement", "(*counter).add",
		"(*gauge).set", "(*gauge).move",
	} {
		if !strings.Contains(string(out), "can inline "+name+"\n") {
			t.Errorf("%s is not inlined", name)
		}
	}
	for _, call := range []string{
		`rawkey\.New`, `rawkey\.\(\*Arena\)\.Peek`, `rawkey\.\(\*Table\[.*aggregate\.counter.*\]\)\.Peek`,
	} {
		if !regexp.MustCompile(`inlining call to ` + call + `\n`).Match(out) {
			t.Errorf("no call of %s is inlined", call)
		}
	}
}

// There may be a million of each: a field more must be worth it. Two cells of counters share a cache line.
func TestCellSizes(t *testing.T) {
	f := func(what string, got, want uintptr) {
		t.Helper()
		if got != want {
			t.Errorf("a %s has %d bytes, want %d", what, got, want)
		}
	}
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("needs pointers of 64 bits")
	}
	f("cell of a counter", aggregate.CounterSize, 32)
	f("cell of an observer", aggregate.ObserverSize, 80)
	f("Series", unsafe.Sizeof(aggregate.Series{}), 80)
}

// What every hit reads shares no cache line with what others write.
func TestClockPaddingSize(t *testing.T) {
	if before, behind := aggregate.ClockPadding(); before < cacheLine || behind < cacheLine {
		t.Errorf("the time has %d bytes before it and %d behind, want %d", before, behind, cacheLine)
	}
}

const cacheLine = unsafe.Sizeof(cpu.CacheLinePad{})

// Samples of one series with ever new trace ids find it without the registry and allocate nothing, except one
// exemplar a second and place.
func TestExemplarHitAllocatesNothing(t *testing.T) {
	f := func(kind protocol.Kind, name, tags string) {
		t.Helper()
		r := traced(nil)
		shard := r.NewShard()
		m := protocol.Sample{Name: []byte(name), Tags: []byte(tags), Value: 1, Rate: 1, Kind: kind, Text: []byte("x")}
		id := m.Tags
		if tags == "" {
			id = m.Name
		}
		at := bytes.Index(id, []byte("0000"))
		samples, reasons := []protocol.Sample{m}, make([]protocol.Reason, 1)
		record := func(i int) {
			copy(id[at:], fmt.Appendf(nil, "%04d", i))
			shard.RecordBatch(samples, reasons)
		}
		record(0)
		keys := shard.KeyBytes()
		i := 0
		if got := testing.AllocsPerRun(1, func() {
			for i++; i%5000 != 0; i++ {
				id[at], id[at+1], id[at+2], id[at+3] = '0'+byte(i/1000), '0'+byte(i/100%10), '0'+byte(i/10%10), '0'+byte(i%10)
				shard.RecordBatch(samples, reasons)
			}
		}); got != 0 {
			t.Errorf("%s|#%s of kind %v: %v allocations", name, tags, kind, got)
		}
		if got := r.Stats().Series; got != 1 || reasons[0] != protocol.ReasonNone {
			t.Errorf("%s|#%s of kind %v: %d series, %v", name, tags, kind, got, reasons[0])
		}
		if got := shard.KeyBytes(); got != keys {
			t.Errorf("%s|#%s of kind %v: the raw keys took %d bytes, and take %d", name, tags, kind, keys, got)
		}
	}
	for kind := range protocol.KindEvent {
		f(kind, "a.name", "a:1,trace_id:0000,b:2")
		f(kind, "a.name", "trace_id:0000")
		if kind != protocol.KindCheck {
			f(kind, "a.name,a=1,trace_id=0000,b=2", "")
			f(kind, "a[trace_id=0000].name", "")
		}
	}
}
