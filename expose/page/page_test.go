package page_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/expose/format"
	"weir/expose/format/formattest"
	"weir/protocol"
)

// unpack reads one gzip member with a reader that weir did not write, and checks that nothing comes after it.
func unpack(t formattest.T, packed []byte) []byte {
	t.Helper()
	source := bytes.NewReader(packed)
	z, err := gzip.NewReader(source)
	if err != nil {
		t.Fatalf("gzip: %v", err)
	}
	z.Multistream(false)
	text, err := io.ReadAll(z)
	if err != nil || source.Len() > 0 {
		t.Fatalf("gzip: %v, %d bytes are left", err, source.Len())
	}
	return text
}

// Whatever is created, changes and expires, an exposition made of kept pages equals one that is rendered again.
func TestPagesEqualRenderingAnew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := aggregate.DefaultOptions()
		options.Timers.Observer = rapid.SampledFrom([]string{aggregate.ObserverBoth, aggregate.ObserverSummary}).Draw(t, "observer")
		options.Series.TTL = 10 * time.Second
		registry := aggregate.New(options)
		shard := registry.NewShard()
		cached, again := newSharing(registry), newRenderer(registry)
		cached.Encoding = rapid.SampledFrom([]format.Encoding{
			format.EncodingText, format.EncodingOpenMetrics, format.EncodingProtobuf,
		}).Draw(t, "encoding")
		cached.AcceptsGzip = rapid.Bool().Draw(t, "gzip")
		cached.MinGzipBytes = rapid.SampledFrom([]int{0, 1024, 20_000}).Draw(t, "min gzip")
		cached.MaxSizeBytes = rapid.SampledFrom([]int{0, 5_000, 50_000, 1 << 30}).Draw(t, "room")
		again.Encoding = cached.Encoding
		now := time.Unix(1_800_000_000, 0)
		for range rapid.IntRange(1, 12).Draw(t, "scrapes") {
			now = now.Add(time.Duration(rapid.IntRange(0, 6).Draw(t, "seconds")) * time.Second)
			registry.Tick(now)
			registry.Sweep()
			for range rapid.IntRange(0, 4).Draw(t, "bursts") {
				from, count := rapid.IntRange(0, 2000).Draw(t, "from"), rapid.SampledFrom([]int{1, 20, 400}).Draw(t, "count")
				kind := rapid.SampledFrom([]protocol.Kind{protocol.KindCounter, protocol.KindGauge, protocol.KindTimer}).Draw(t, "kind")
				families := rapid.SampledFrom([]int{1, 50}).Draw(t, "families")
				for i := range count {
					shard.Record(&protocol.Sample{
						Name: fmt.Appendf(nil, "m%d_%d_total", kind, i%families), Tags: fmt.Appendf(nil, "id:%d", from+i),
						Value: float64(i), Rate: 1, Kind: kind,
					})
				}
			}
			var got bytes.Buffer
			size, isGzip := cached.renderTo(&got)
			text, want := got.Bytes(), again.render()
			if isGzip {
				text = unpack(t, text)
			}
			if inOrder(t, again.Encoding, text) != inOrder(t, again.Encoding, want) || size != len(want) {
				t.Fatalf("%d bytes (%d said) differ from %d bytes rendered again, from byte %d on",
					len(text), size, len(want), firstDifference(text, want))
			}
			if kept := cached.cache.Stats().Bytes; kept < 0 || kept > int64(cached.MaxSizeBytes)+512<<10 {
				t.Fatalf("%d bytes are kept, the limit is %d", kept, cached.MaxSizeBytes)
			}
		}
	})
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// A new series and a new value cost the pages they are on, and at most their neighbours.
func TestChangesStayOnTheirPages(t *testing.T) {
	options := aggregate.DefaultOptions()
	options.Series.TTL = time.Minute
	registry := aggregate.New(options)
	now := time.Unix(1_800_000_000, 0)
	registry.Tick(now)
	shard := fillRegistry(registry, 9000)
	for i := range 500 { // small families, on pages together
		shard.Record(&protocol.Sample{Name: fmt.Appendf(nil, "small%d", i), Value: 1, Rate: 1})
	}
	renderer := newSharing(registry)
	f := func(what string, change func(), most int) {
		t.Helper()
		change()
		renderer.render()
		before := renderer.kept()
		if most == 0 {
			return
		}
		change()
		renderer.render()
		again := 0
		for _, kept := range renderer.kept() {
			if !slices.Contains(before, kept) {
				again++
			}
		}
		if again > most || len(before) < 40 {
			t.Errorf("%s: %d of %d pages are rendered again, want at most %d", what, again, len(before), most)
		}
	}
	created := 0
	f("nothing", func() {}, 0)
	f("a value", func() {
		shard.Record(&protocol.Sample{Name: []byte("requests"), Tags: []byte("route:/api/77"), Value: 1, Rate: 1})
	}, 1)
	f("new series in the middle", func() {
		for range 300 {
			created++
			shard.Record(&protocol.Sample{
				Name: []byte("requests"), Tags: fmt.Appendf(nil, "route:/api/4444%d", created), Value: 1, Rate: 1,
			})
		}
	}, 10)
	f("a small family", func() {
		created++
		shard.Record(&protocol.Sample{Name: fmt.Appendf(nil, "small2%d", created), Value: 1, Rate: 1})
	}, 2)
}

// Every reader of gzip takes pages for one member.
func TestForeignReadersUnpack(t *testing.T) {
	registry := aggregate.New(aggregate.DefaultOptions())
	fillRegistry(registry, 5000)
	renderer := newRenderer(registry)
	plain := renderer.render()
	renderer.AcceptsGzip = true
	packed := renderer.render()
	if got := unpack(t, packed); !bytes.Equal(got, plain) {
		t.Error("Go's reader gets something else")
	}
	f := func(name string, arguments ...string) {
		t.Helper()
		if _, err := exec.LookPath(name); err != nil {
			t.Logf("%s is not there", name)
			return
		}
		command := exec.Command(name, arguments...)
		command.Stdin = bytes.NewReader(packed)
		if got, err := command.Output(); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s gets %d bytes, want %d (%v)", name, len(got), len(plain), err)
		}
	}
	f("gzip", "-dc")
	f("python3", "-c", "import sys,zlib;d=zlib.decompressobj(31);b=sys.stdin.buffer.read();"+
		"sys.stdout.buffer.write(d.decompress(b));assert d.eof and not d.unused_data")
}
