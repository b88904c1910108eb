package page_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"weir/aggregate"
	"weir/expose/format"
	"weir/expose/format/formattest"
	"weir/protocol"
)

// inOrder returns an exposition with the series of each family in order, for comparisons: series that change
// often come first in their family.
func inOrder(t formattest.T, encoding format.Encoding, exposition []byte) string {
	t.Helper()
	if encoding == format.EncodingProtobuf {
		var b strings.Builder
		for _, f := range formattest.Decode(t, bytes.NewReader(exposition)) {
			var metrics []string
			for _, m := range f.GetMetric() {
				text, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
				if err != nil {
					t.Fatalf("%v", err)
				}
				metrics = append(metrics, string(text))
			}
			slices.Sort(metrics)
			f.Metric = nil
			b.WriteString(f.String() + strings.Join(metrics, ""))
		}
		return b.String()
	}
	lines := slices.Collect(strings.Lines(string(exposition)))
	for from := 0; from < len(lines); {
		to := from
		for to < len(lines) && !strings.HasPrefix(lines[to], "# ") {
			to++
		}
		slices.Sort(lines[from:to])
		from = to + 1
	}
	return strings.Join(lines, "")
}

// Series that change again and again while most do not cost only their own pages, wherever in their family
// they are. Series that are created or expire meanwhile do not mix them with the others again.
func TestBusySeriesShareTheirPages(t *testing.T) {
	for _, e := range encodings {
		options := aggregate.DefaultOptions()
		options.Series.TTL = time.Hour
		registry := aggregate.New(options)
		now := time.Unix(1_800_000_000, 0)
		registry.Tick(now)
		shard := fillRegistry(registry, 9000)
		renderer, again := newSharing(registry), newRenderer(registry)
		renderer.Encoding, again.Encoding = e.encoding, e.encoding
		created, scrapes := 0, 0
		scrape := func() (rendered, pages int) {
			t.Helper()
			before := renderer.kept()
			exposition := renderer.render()
			if scrapes++; scrapes%7 == 0 {
				got, want := inOrder(t, e.encoding, exposition), inOrder(t, e.encoding, again.render())
				if got != want {
					t.Fatalf("from byte %d on it differs from an exposition that is rendered again",
						firstDifference([]byte(got), []byte(want)))
				}
			}
			for _, kept := range renderer.kept() {
				if !slices.Contains(before, kept) {
					rendered++
				}
			}
			return rendered, len(renderer.kept())
		}
		add := func(id int) {
			shard.Record(&protocol.Sample{
				Name: []byte("requests"), Tags: fmt.Appendf(nil, "route:/api/%d", id), Value: 1, Rate: 1,
			})
		}
		busy := func(from int) {
			for id := from; id < 9000; id += 100 {
				add(id)
			}
		}
		steady := func(what string, from, most int) {
			t.Helper()
			rendered, pages := 0, 0
			for range 20 {
				busy(from)
				rendered, pages = scrape()
			}
			if rendered > most || pages < 40 {
				t.Errorf("%s: %d of %d pages are rendered again, want at most %d", what, rendered, pages, most)
			}
		}
		renderer.render()
		steady("one in a hundred", 7, 3)
		steady("others", 50, 5)
		for range 3 {
			for range 5 {
				created++
				add(10_000 + created*131)
			}
			busy(50)
			if rendered, _ := scrape(); rendered > 15 {
				t.Errorf("with new series, %d pages are rendered again", rendered)
			}
		}
		now = now.Add(40 * time.Minute)
		registry.Tick(now)
		busy(50)
		now = now.Add(40 * time.Minute)
		registry.Tick(now)
		registry.Sweep()
		busy(7)
		scrape() // the series that are left are of both kinds
		if got := registry.Stats().Series; got != 180 {
			t.Errorf("%d series are left, want 180", got)
		}
	}
}

// When all series change, or other ones each time, regrouping gains nothing and becomes rare.
func TestPagesAreNotRegroupedInVain(t *testing.T) {
	registry := aggregate.New(aggregate.DefaultOptions())
	shard := fillRegistry(registry, 9000)
	renderer := newSharing(registry)
	layouts := map[any]bool{}
	for i := range 200 {
		for id := i * 37 % 100; id < 9000; id += 100 {
			shard.Record(&protocol.Sample{
				Name: []byte("requests"), Tags: fmt.Appendf(nil, "route:/api/%d", id), Value: 1, Rate: 1,
			})
		}
		renderer.render()
		layouts[renderer.cache.Layout(renderer.Request)] = true
	}
	if n := len(layouts); n < 2 || n > 8 {
		t.Errorf("pages were put together %d times in 200 scrapes, want it to become rare", n)
	}
}
