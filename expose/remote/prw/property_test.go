package prw_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/format"
	"weir/expose/format/formattest"
	"weir/expose/remote/point"
	"weir/expose/remote/prw"
	"weir/protocol"
)

// drawRegistry draws a registry with arbitrary samples.
func drawRegistry(t *rapid.T) *aggregate.Registry {
	options := aggregate.DefaultOptions()
	options.Sanitize.Names = rapid.SampledFrom([]string{aggregate.NamesLegacy, aggregate.NamesUTF8}).Draw(t, "names")
	options.Timers.Observer = rapid.SampledFrom([]string{
		aggregate.ObserverHistogram, aggregate.ObserverNative, aggregate.ObserverBoth, aggregate.ObserverSummary,
	}).Draw(t, "observer")
	options.Timers.Native.MaxBuckets = rapid.SampledFrom([]int{1, 4, 160}).Draw(t, "buckets")
	options.Timers.Buckets = []float64{-1, 0, 1, 2.5, 1e6}
	options.Series.ExemplarTags = []string{"trace_id", "B"}
	registry := aggregate.New(options)
	registry.Tick(start)
	shard := registry.NewShard()
	word := rapid.SliceOfN(rapid.SampledFrom([]byte("aBz.:_-{}\"\\ ,,\n\xff\xc3\xa9=#09")), 1, 12)
	name := rapid.SampledFrom([]string{"x", "x_total", "y_seconds", "a.b", "a-b", "é", "9", "job"})
	for range rapid.IntRange(0, 40).Draw(t, "samples") {
		tags := word.Draw(t, "tags")
		if rapid.Bool().Draw(t, "is traced") {
			tags = append(append(tags, ",trace_id:"...), word.Draw(t, "trace id")...)
		}
		shard.Record(&protocol.Sample{
			Name: []byte(name.Draw(t, "name")), Tags: tags, Text: word.Draw(t, "text"), Rate: 1,
			Value: rapid.OneOf(rapid.Float64(), rapid.Float64Range(-3, 3)).Draw(t, "value"),
			Kind:  protocol.Kind(rapid.IntRange(0, int(protocol.KindEvent)-1).Draw(t, "kind")),
		})
	}
	return registry
}

func drawExternal(t *rapid.T) label.Labels {
	names := rapid.SampledFrom([]string{"a", "z", "_", "a_B", "exported_a", "job", "Region", "__name__"})
	var b label.Builder
	for name, value := range rapid.MapOfN(names, rapid.SampledFrom([]string{"eu", `"\`}), 0, 4).Draw(t, "external") {
		b.Add(name, value)
	}
	return b.Labels()
}

// The samples of 1.0 are those of an exposition in text, as another parser reads them.
func TestSamplesEqualText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		registry := drawRegistry(t)
		x := formattest.Exposition{Format: format.OpenMetrics} // its bounds are those that Prometheus keeps
		var want []string
		families := registry.Snapshot().Families
		for _, f := range families {
			if f.HasNative() {
				return // the classic buckets are cut to the native count: see TestGolden
			}
		}
		for line := range strings.Lines(string(x.Encode(registry))) {
			if !strings.HasPrefix(line, "#") {
				line, _, _ = strings.Cut(line, " # {")
				want = append(want, canonical(t, line))
			}
		}
		var got []string
		for _, line := range read(t, prw.Version1, encode(prw.Version1, label.Labels{}, registry, at)) {
			line, _, _ = strings.Cut(line, " @")
			got = append(got, canonical(t, line))
		}
		slices.Sort(want)
		slices.Sort(got)
		got = slices.DeleteFunc(got, func(line string) bool { // OpenMetrics forbids some of them
			_, found := slices.BinarySearch(want, line)
			isObserved := strings.Contains(line, "_sum") || strings.Contains(line, "_count") || strings.Contains(line, "quantile")
			return !found && isObserved
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("-text +remote write:\n%s", diff)
		}
	})
}

// canonical returns a line of an exposition, or of reader, in one way.
func canonical(t *rapid.T, line string) string {
	name, rest, found := strings.Cut(strings.TrimSpace(line), "{")
	if !found {
		name, rest, _ = strings.Cut(name, " ")
		rest = "} " + rest
	}
	labels, after, err := label.ParsePrefix(rest)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	var b label.Builder
	b.Add("__name__", name)
	for name, value := range labels.All() {
		b.Add(name, value)
	}
	var value float64
	if _, err := fmt.Sscan(strings.TrimPrefix(after, "} "), &value); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return fmt.Sprint(b.Labels(), " ", value+0) // OpenMetrics has no -0
}

// A request of 2.0 becomes, byte for byte, that of 1.0: names, external labels, order and all. Reading it holds
// that labels are sorted and each is there once, in both.
func TestDowngradeEqualsVersion1(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		registry, external := drawRegistry(t), drawExternal(t)
		p := at
		p.What = rapid.SampledFrom([]point.What{point.Value, point.Zero, point.Stale}).Draw(t, "what")
		want := encode(prw.Version1, external, registry, p)
		two := prw.NewEncoder(prw.Version2, external)
		add(two, registry, p)
		request := two.AppendTo(nil)
		got, samples, err := prw.Downgrade(request)
		if err != nil || samples != two.Samples() || !bytes.Equal(want, got) {
			t.Fatalf("%d samples, want %d, error %v, -1.0 +downgraded:\n%s", samples, two.Samples(), err,
				cmp.Diff(read(t, prw.Version1, want), read(t, prw.Version1, got)))
		}
		if lines := read(t, prw.Version2, request); len(lines) != samples {
			t.Fatalf("%d series, want %d", len(lines), samples)
		}
	})
}

// An encoder makes the same request of the same series, whatever it made before.
func TestResetForgets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		external := drawExternal(t)
		version := rapid.SampledFrom(versions).Draw(t, "version")
		used := prw.NewEncoder(version, external)
		for range 3 {
			registry := drawRegistry(t)
			used.Reset()
			add(used, registry, at)
			if got, want := used.AppendTo([]byte("x")), encode(version, external, registry, at); !bytes.Equal(got[1:], want) {
				t.Fatalf("-fresh +used:\n%s", cmp.Diff(read(t, version, want), read(t, version, got[1:])))
			}
		}
	})
}

func TestDowngrade_Failure(t *testing.T) {
	f := func(request string) {
		t.Helper()
		if got, _, err := prw.Downgrade([]byte(request)); !errors.Is(err, prw.ErrRequest) || got != nil {
			t.Errorf("%q: %q, %v, want ErrRequest", request, got, err)
		}
	}
	f("x")                                    // no tag
	f("\x22\x05ab")                           // cut
	f("\x22\x00\x2a\x03\x0a\x01\x00")         // one reference
	f("\x22\x00\x2a\x04\x0a\x02\x00\x01")     // no such symbol
	f("\x22\x00\x2a\x03\x0a\x01\xff")         // no number
	f("\x22\x00\x2a\x03\x12\x01\x08")         // a sample that is cut
	f("\x22\x00\x2a\x03\x1a\x01\x08")         // a histogram
	f("\x22\x00\x2a\x03\x22\x01\x08")         // an exemplar
	f("\x22\x00\x2a\x05\x22\x03\x0a\x01\x05") // of labels that are not there
}

// References may come one by one, symbols behind the series, and a label twice.
func TestDowngrade_OtherWriters(t *testing.T) {
	request := "\x2a\x0c\x08\x01\x08\x02\x08\x03\x08\x02\x08\x01\x08\x03" + "\x22\x00\x22\x08__name__\x22\x03a.b\x22\x03c-d"
	got, samples, err := prw.Downgrade([]byte(request))
	want := []string{`{__name__="a_b",c_d="a.b"}`} // the first of two
	if diff := cmp.Diff(want, read(t, prw.Version1, got)); err != nil || samples != 0 || diff != "" {
		t.Errorf("%d samples, %v, -want +got:\n%s", samples, err, diff)
	}
}

// Whatever Downgrade takes for a request of 2.0, it makes a request of 1.0 that can be read, with labels that
// are sorted and there once.
func FuzzDowngrade(f *testing.F) {
	for _, observer := range []string{aggregate.ObserverBoth, aggregate.ObserverSummary} {
		registry := registryOf(f, func(o *aggregate.Options) { o.Timers.Observer = observer },
			"x:1|c|#a.b:c,trace_id:x", "y:2|ms|#job:x,trace_id:x", "z:1|g")
		f.Add(encode(prw.Version2, labelsOf(f, `job="weir"`), registry, at))
		f.Add(encode(prw.Version2, label.Labels{}, registry, point.Point{At: 1, What: point.Stale}))
	}
	f.Fuzz(func(t *testing.T, request []byte) {
		got, samples, err := prw.Downgrade(request)
		if err != nil {
			return
		}
		m, counted := parse(t, got), 0
		for _, x := range m[1] {
			s := parse(t, x.([]byte))
			(&reader{t: t}).labels(s)
			counted += len(s[2]) + len(s[4])
		}
		if counted != samples {
			t.Fatalf("%d samples, want %d", counted, samples)
		}
	})
}
