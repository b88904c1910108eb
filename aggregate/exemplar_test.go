package aggregate_test

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/protocol"
)

// traced returns a registry in which trace_id and span.id become exemplars, at a known time.
func traced(change func(*aggregate.Options)) *aggregate.Registry {
	r := newRegistry(func(o *aggregate.Options) {
		o.Series.ExemplarTags = []string{"trace_id", "span.id"}
		o.Timers.Buckets = []float64{0.1, 1}
		if change != nil {
			change(o)
		}
	})
	r.Tick(traceStart)
	return r
}

var traceStart = time.Unix(1_900_000_000, 0)

// shown returns every series with its exemplars: "name{labels} [place]={labels} value @seconds after the
// start".
func shown(r *aggregate.Registry) string {
	var lines []string
	for _, f := range r.Snapshot().Families {
		all := make([]*aggregate.Exemplar, f.ExemplarPlaces())
		for _, s := range f.Series {
			var line strings.Builder
			line.WriteString(f.Name() + "{" + s.Labels().Text() + "}")
			s.Exemplars(all)
			for i, e := range all {
				if e != nil {
					fmt.Fprintf(&line, " [%d]={%s} %v @%d", i, e.Labels.Text(), e.Value, e.Timestamp-traceStart.Unix())
				}
			}
			lines = append(lines, line.String())
		}
	}
	return strings.Join(lines, "; ")
}

func TestExemplars(t *testing.T) {
	f := func(lines, want string) {
		t.Helper()
		r := traced(nil)
		if got := strings.TrimSpace(line(t, r.NewShard(), lines)); got != "" {
			t.Errorf("record %q: rejected: %s", lines, got)
		}
		if got := shown(r); got != want {
			t.Errorf("after %q:\n got %s\nwant %s", lines, got, want)
		}
	}
	f("hits:3|c|#trace_id:ab", `hits{} [0]={trace_id="ab"} 3 @0`)
	f("hits:3|c|@0.5|#trace_id:ab", `hits{} [0]={trace_id="ab"} 6 @0`)
	f("hits:3|c|#a:1,trace_id:ab,b:2", `hits{a="1",b="2"} [0]={trace_id="ab"} 3 @0`)
	f("hits:3|c|#a:1,span.id:c,trace_id:ab", `hits{a="1"} [0]={trace_id="ab",span_id="c"} 3 @0`)
	f("hits:3|c|#trace_id:a,trace_id:b", `hits{} [0]={trace_id="b"} 3 @0`)
	f("hits:3|c|#trace_id:a,trace_id:,trace_id", `hits{} [0]={trace_id="a"} 3 @0`)
	f("hits:3|c|#a:1,#trace_id:ab", `hits{a="1"} [0]={trace_id="ab"} 3 @0`)
	f(`hits:3|c|#trace_id:a"\`, `hits{} [0]={trace_id="a\"\\"} 3 @0`)
	f("hits:1|m|#trace_id:ab", `hits{} [0]={trace_id="ab"} 1 @0`)
	f("hits:1|c|#trace_id:ab\nhits:1|c", `hits{} [0]={trace_id="ab"} 1 @0`)

	f("hits,trace_id=ab:3|c", `hits{} [0]={trace_id="ab"} 3 @0`)
	f("hits,a=1,trace_id=ab:3|c", `hits{a="1"} [0]={trace_id="ab"} 3 @0`)
	f("hits#trace_id=ab,a=1:3|c", `hits{a="1"} [0]={trace_id="ab"} 3 @0`)
	f("hits;a=1;trace_id=ab;b=2:3|c", `hits{a="1",b="2"} [0]={trace_id="ab"} 3 @0`)
	f("web[trace_id=ab].hits:3|c", `web_hits{} [0]={trace_id="ab"} 3 @0`)
	f("web[a=1,trace_id=ab].hits:3|c", `web_hits{a="1"} [0]={trace_id="ab"} 3 @0`)
	f("hits[trace_id=ab],k=v:3|c", `hits_k_v{} [0]={trace_id="ab"} 3 @0`)
	f("hits,trace_id=ab:3|c|#a:1", `hits{a="1"} [0]={trace_id="ab"} 3 @0`)

	f("time:50:500:5000:600|ms|#trace_id:ab",
		`time{} [0]={trace_id="ab"} 0.05 @0 [1]={trace_id="ab"} 0.5 @0 [2]={trace_id="ab"} 5 @0`)
	f("size:0.1|h|#trace_id:ab", `size{} [0]={trace_id="ab"} 0.1 @0`)
	f("size:inf|d|#trace_id:ab", `size{} [2]={trace_id="ab"} +Inf @0`)

	f("level:3|g|#trace_id:ab,a:1", `level{a="1"}`)
	f("users:x|s|#trace_id:ab", `users{}`)
	f("_sc|db|0|#trace_id:ab,a:1", `weir_service_check_status{a="1",check="db"}`)
	f("hits:3|c|#trace_id", `hits{}`)
	f("hits:3|c|#trace_id:", `hits{}`)
	f("hits:3|c|#trace_id:\x01", `hits{}`)
	f("hits:3|c|#Trace_id:ab", `hits{Trace_id="ab"}`)
}

// Each place has its newest exemplar, of whichever shard, and gets another one once a second at most.
func TestExemplarsAreReplacedOnceASecond(t *testing.T) {
	r := traced(nil)
	first, second := r.NewShard(), r.NewShard()
	f := func(shard *aggregate.Shard, text, want string) {
		t.Helper()
		line(t, shard, text)
		if got := shown(r); got != want {
			t.Errorf("after %q:\n got %s\nwant %s", text, got, want)
		}
	}
	f(first, "hits:1|c|#trace_id:a", `hits{} [0]={trace_id="a"} 1 @0`)
	f(first, "hits:2|c|#trace_id:b", `hits{} [0]={trace_id="a"} 1 @0`)
	r.Tick(traceStart.Add(time.Second))
	f(second, "hits:3|c|#trace_id:c", `hits{} [0]={trace_id="c"} 3 @1`)
	r.Tick(traceStart.Add(2 * time.Second))
	f(first, "hits:4|c|#trace_id:d", `hits{} [0]={trace_id="d"} 4 @2`)
	r.Tick(traceStart.Add(-time.Hour)) // the wall clock is set back
	r.Tick(traceStart.Add(-time.Hour + time.Second))
	f(second, "hits:5|c|#trace_id:e", `hits{} [0]={trace_id="e"} 5 @-3599`)
}

// Native buckets alone have ten exemplars, each of another power of two.
func TestExemplarsOfNativeBuckets(t *testing.T) {
	r := traced(func(o *aggregate.Options) { o.Timers.Observer = aggregate.ObserverNative })
	shard := r.NewShard()
	for exponent := -3; exponent < 12; exponent++ {
		line(t, shard, fmt.Sprintf("size:%v|h|#trace_id:t%d", math.Ldexp(1, exponent), exponent))
	}
	line(t, shard, "size:0:-1:inf|h|#trace_id:special")
	var all [aggregate.NativeExemplars]*aggregate.Exemplar
	r.Snapshot().Families[0].Series[0].Exemplars(all[:])
	for _, e := range all {
		if e == nil {
			t.Fatalf("exemplars: %v", shown(r))
		}
	}
	if got := value(r, "size"); got != 18 {
		t.Errorf("%v observations, want 18", got)
	}
}

// Rules do not see the tags, and their scale is that of the exemplar, too. Both raw keys have it.
func TestExemplarsAreScaled(t *testing.T) {
	rules := mustRules(t, `mappings:
- {match: "web.*", name: web, scale: 0.5, labels: {page: $1}}
- {match: traced, match_tags: {trace_id: "*"}, name: wrong}
`)
	r := traced(func(o *aggregate.Options) { o.Rules = rules })
	shard := r.NewShard()
	line(t, shard, "web.x:4|c|#trace_id:a\nweb.x:4|c|#trace_id:a\nweb.x:6|c|#z:1,trace_id:b\ntraced:1|c|#trace_id:a")
	want := `traced{} [0]={trace_id="a"} 1 @0; web{page="x"} [0]={trace_id="a"} 2 @0; ` +
		`web{page="x",z="1"} [0]={trace_id="b"} 3 @0`
	if got := shown(r); got != want {
		t.Errorf(" got %s\nwant %s", got, want)
	}
}

// What is folded into another series, refused, or of a summary, has no exemplar; what expired has none when
// it comes back.
func TestNoExemplars(t *testing.T) {
	r := traced(func(o *aggregate.Options) {
		o.Limits.MaxSeriesPerMetric, o.Limits.OverflowAction = 2, aggregate.OverflowFold
		o.Timers.Observer = aggregate.ObserverSummary
		o.Series.TTL = 10 * time.Second
	})
	shard := r.NewShard()
	line(t, shard, "hits:1|c|#id:1,trace_id:a\nhits:1|c|#id:2,trace_id:a\nhits:1|c|#id:2,trace_id:b\ntime:1|ms|#trace_id:a")
	want := `hits{id="1"} [0]={trace_id="a"} 1 @0; hits{weir_overflow="true"}; time{}`
	if got := shown(r); got != want {
		t.Errorf(" got %s\nwant %s", got, want)
	}
	r.Tick(traceStart.Add(20 * time.Second))
	r.Sweep()
	line(t, shard, "hits:1|c|#id:1\nhits:1|c|#id:2,trace_id:c")
	want = `hits{id="1"}; hits{weir_overflow="true"}`
	if got := shown(r); got != want {
		t.Errorf("after the end of all:\n got %s\nwant %s", got, want)
	}
	line(t, shard, "hits:1|c|#id:1,trace_id:d")
	want = `hits{id="1"} [0]={trace_id="d"} 1 @20; hits{weir_overflow="true"}`
	if got := shown(r); got != want {
		t.Errorf("after another:\n got %s\nwant %s", got, want)
	}
}

// New rules take nothing from the exemplars there are, and those who come later find their place.
func TestExemplarsOutliveRules(t *testing.T) {
	r := traced(nil)
	shard := r.NewShard()
	line(t, shard, "hits:1|c|#trace_id:a\ntime:50|ms|#trace_id:a")
	r.SetRules(mustRules(t, `mappings: [{match: time, scale: 20, name: time}]`))
	r.Tick(traceStart.Add(time.Second))
	line(t, shard, "hits:2|c|#trace_id:b\ntime:50|ms|#trace_id:b")
	want := `hits{} [0]={trace_id="b"} 2 @1; time{} [0]={trace_id="a"} 0.05 @0 [1]={trace_id="b"} 1 @1`
	if got := shown(r); got != want {
		t.Errorf(" got %s\nwant %s", got, want)
	}
}

// An exemplar's labels have at most 128 characters; the labels that come first in the list have the room.
func TestExemplarRoom(t *testing.T) {
	f := func(traceID, spanID, want string, dropped uint64) {
		t.Helper()
		r := traced(func(o *aggregate.Options) { o.Sanitize.LabelValueMaxLength = 200 })
		line(t, r.NewShard(), "hits:1|c|#span.id:"+spanID+",trace_id:"+traceID)
		if want != "" {
			want = " [0]={" + want + "} 1 @0"
		}
		if got := shown(r); got != "hits{}"+want {
			t.Errorf("%q and %q:\n got %s\nwant %s", traceID, spanID, got, "hits{}"+want)
		}
		if got := r.Stats().ExemplarTagsDropped; got != dropped {
			t.Errorf("%q and %q: %d tags dropped, want %d", traceID, spanID, got, dropped)
		}
	}
	long := strings.Repeat("é", 128-len("trace_id"))
	f(long, "b", `trace_id="`+long+`"`, 1)
	f(long+"x", "b", `span_id="b"`, 1)
	f(long+"x", long+"xx", "", 2)
	f(long[:2*112], "b", `trace_id="`+long[:2*112]+`",span_id="b"`, 0)
	f(long[:2*113], "b", `trace_id="`+long[:2*113]+`"`, 1)
	quotes := strings.Repeat(`"`, (128-len("trace_id"))/2)
	f(quotes, "", `trace_id="`+strings.ReplaceAll(quotes, `"`, `\"`)+`"`, 0)
	f(quotes+"x", "", "", 1)
}

// A registry in which tags become exemplars has the series and the values of one to which they were never
// sent.
func TestExemplarTagsLeaveNothingElse(t *testing.T) {
	names := []string{"a", "b.c", "a_", "-"}
	keys := []string{"k", "l", "trace_id", "span.id", "", "#"}
	values := []string{"", "1", "x y", "=", `"`}
	rapid.Check(t, func(t *rapid.T) {
		with, without := traced(nil), newRegistry(func(o *aggregate.Options) { o.Timers.Buckets = []float64{0.1, 1} })
		one, other := with.NewShard(), without.NewShard()
		for range rapid.IntRange(1, 20).Draw(t, "lines") {
			m := protocol.Sample{
				Value: 1, Rate: 1, Text: []byte("1"),
				Kind: protocol.Kind(rapid.IntRange(0, int(protocol.KindEvent)-1).Draw(t, "kind")),
			}
			name := names[rapid.IntRange(0, len(names)-1).Draw(t, "name")]
			style := rapid.SampledFrom([]string{":,", "=,", "=#", "=;", "=["}).Draw(t, "style")
			if m.Kind == protocol.KindCheck {
				style = ":,"
			}
			separator := ","
			if style == "=;" {
				separator = ";"
			}
			var sent, left []string
			for range rapid.IntRange(0, 5).Draw(t, "tags") {
				key := keys[rapid.IntRange(0, len(keys)-1).Draw(t, "key")]
				tag := key
				if rapid.Bool().Draw(t, "has value") {
					tag += style[:1] + values[rapid.IntRange(0, len(values)-1).Draw(t, "value")]
				}
				sent = append(sent, tag)
				if key != "trace_id" && key != "span.id" {
					left = append(left, tag)
				}
			}
			put := func(tags []string) protocol.Sample {
				m := m
				section := strings.Join(tags, separator)
				switch style {
				case ":,":
					m.Name, m.Tags = []byte(name), []byte(section)
				case "=[":
					m.Name = []byte(name + "[" + section + "].z")
				default:
					m.Name = []byte(name + style[1:] + section)
				}
				return m
			}
			a, b := put(sent), put(left)
			if got, want := one.Record(&a), other.Record(&b); got != want {
				t.Fatalf("%+v: %v, without the tags: %v", a, got, want)
			}
		}
		got, want := valuesOf(with), valuesOf(without)
		if got != want {
			t.Fatalf(" got %s\nwant %s", got, want)
		}
		checkExemplars(t, with)
	})
}

// valuesOf returns every series with its value.
func valuesOf(r *aggregate.Registry) string {
	var b strings.Builder
	for _, f := range r.Snapshot().Families {
		for _, s := range f.Series {
			series := f.Name() + "{" + s.Labels().Text() + "}"
			fmt.Fprintf(&b, "%s %v %v\n", series, f.Type(), value(r, series))
		}
	}
	return b.String()
}

// checkExemplars holds that exemplars lie in their buckets and are not too long.
func checkExemplars(t *rapid.T, r *aggregate.Registry) {
	for _, f := range r.Snapshot().Families {
		all := make([]*aggregate.Exemplar, f.ExemplarPlaces())
		for _, s := range f.Series {
			s.Exemplars(all)
			for i, e := range all {
				if e == nil {
					continue
				}
				bounds := f.Bounds()
				if i < len(bounds) && e.Value > bounds[i] || i > 0 && i <= len(bounds) && e.Value <= bounds[i-1] {
					t.Fatalf("%s: %v is not in bucket %d", f.Name(), e.Value, i)
				}
				if e.Labels.IsEmpty() || utf8.RuneCountInString(e.Labels.Text()) > 128 {
					t.Fatalf("%s: labels %s", f.Name(), e.Labels)
				}
			}
		}
	}
}

func TestExplainExemplar(t *testing.T) {
	r := traced(nil)
	m := protocol.Sample{Name: []byte("hits"), Tags: []byte("a:1,trace_id:ab"), Value: 1, Rate: 1}
	e := r.NewShard().Explain(&m)
	if e.Labels.Text() != `a="1"` || e.Exemplar.Text() != `trace_id="ab"` {
		t.Errorf("Explain: %+v", e)
	}
}

// TestExemplarsBesideWriters is for the race detector, and holds that an exemplar is never seen half.
func TestExemplarsBesideWriters(t *testing.T) {
	const writers, rounds = 3, 3000
	r := traced(nil)
	stop := make(chan struct{})
	var writing, reading sync.WaitGroup
	for w := range writers {
		shard := r.NewShard()
		writing.Go(func() {
			for i := range rounds {
				if w == 0 && i%10 == 0 {
					r.Tick(traceStart.Add(time.Duration(i) * time.Second))
				}
				for kind := range protocol.KindSet {
					shard.Record(&protocol.Sample{
						Name: fmt.Append(nil, "m", kind), Tags: fmt.Appendf(nil, "trace_id:t%d", i), Value: float64(i), Rate: 1,
						Kind: kind,
					})
				}
			}
		})
	}
	check := func() {
		for series := range strings.SplitSeq(shown(r), "; ") {
			for e := range strings.SplitSeq(series, " [") {
				var place int
				var id, value float64
				if n, _ := fmt.Sscanf(e, `%d]={trace_id="t%g"} %g`, &place, &id, &value); n == 3 && value != id && value != id/1000 {
					t.Errorf("%s: %s", series, e)
				}
			}
		}
	}
	reading.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				check()
			}
		}
	})
	writing.Wait()
	close(stop)
	reading.Wait()
	check()
}
