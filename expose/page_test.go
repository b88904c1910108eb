package expose_test

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
	"weir/expose"
	"weir/internal/bytesize"
	"weir/protocol"
)

// unpack reads one gzip member with a reader that weir did not write, and checks that nothing comes after it.
func unpack(t fataler, packed []byte) []byte {
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

// Whatever is born, changes and expires, an exposition made of kept pages is the one that is rendered anew.
func TestPagesEqualRenderingAnew(t *testing.T) {
	formats := []expose.Format{expose.FormatText, expose.FormatOpen, expose.FormatProtobuf}
	rapid.Check(t, func(t *rapid.T) {
		options := aggregate.DefaultOptions()
		options.Timers.Observer = rapid.SampledFrom([]string{aggregate.ObserverBoth, aggregate.ObserverSummary}).Draw(t, "observer")
		options.Series.TTL = 10 * time.Second
		registry := aggregate.New(options)
		shard := registry.NewShard()
		cached, anew := expose.NewRenderer(), expose.NewRenderer()
		cached.Format = rapid.SampledFrom(formats).Draw(t, "format")
		cached.Gzip = rapid.Bool().Draw(t, "gzip")
		limit := rapid.SampledFrom([]bytesize.Size{0, 5_000, 50_000, bytesize.GiB}).Draw(t, "room")
		cached.Options.Cache = expose.Cache{Enabled: true, MaxSize: limit}
		anew.Format = cached.Format
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
			var got, want bytes.Buffer
			size := cached.RenderTo(&got, registry)
			anew.RenderTo(&want, registry)
			text := got.Bytes()
			if cached.Gzip && want.Len() >= int(cached.Options.Compression.MinSize) {
				text = unpack(t, text)
			}
			if inOrder(t, anew.Format, text) != inOrder(t, anew.Format, want.Bytes()) || size != want.Len() {
				t.Fatalf("%d bytes (%d said) differ from %d bytes rendered anew, from byte %d on",
					len(text), size, want.Len(), firstDifference(text, want.Bytes()))
			}
			if kept := cached.Stats().CacheBytes; kept < 0 || kept > int64(limit)+512<<10 {
				t.Fatalf("%d bytes are kept, the limit is %d", kept, limit)
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

// A birth and a new value cost the pages they are on, and at most their neighbours.
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
	renderer := expose.NewRenderer()
	renderer.Options.Cache = expose.Cache{Enabled: true, MaxSize: 1 << 30}
	f := func(what string, change func(), most int) {
		t.Helper()
		change()
		render(renderer, registry)
		before := renderer.Kept()
		if most == 0 {
			return
		}
		change()
		render(renderer, registry)
		anew := 0
		for _, kept := range renderer.Kept() {
			if !slices.Contains(before, kept) {
				anew++
			}
		}
		if anew > most || len(before) < 40 {
			t.Errorf("%s: %d of %d pages are rendered anew, want at most %d", what, anew, len(before), most)
		}
	}
	born := 0
	f("nothing", func() {}, 0)
	f("a value", func() {
		shard.Record(&protocol.Sample{Name: []byte("requests"), Tags: []byte("route:/api/77"), Value: 1, Rate: 1})
	}, 1)
	f("births in the middle", func() {
		for range 300 {
			born++
			shard.Record(&protocol.Sample{
				Name: []byte("requests"), Tags: fmt.Appendf(nil, "route:/api/4444%d", born), Value: 1, Rate: 1,
			})
		}
	}, 10)
	f("a small family", func() {
		born++
		shard.Record(&protocol.Sample{Name: fmt.Appendf(nil, "small2%d", born), Value: 1, Rate: 1})
	}, 2)
}

// Every reader of gzip takes pages for one member.
func TestForeignReadersUnpack(t *testing.T) {
	registry := aggregate.New(aggregate.DefaultOptions())
	fillRegistry(registry, 5000)
	renderer := expose.NewRenderer()
	plain := expose.Render(registry)
	renderer.Gzip = true
	var packed bytes.Buffer
	renderer.RenderTo(&packed, registry)
	if got := unpack(t, packed.Bytes()); !bytes.Equal(got, plain) {
		t.Error("Go's reader gets something else")
	}
	f := func(name string, arguments ...string) {
		t.Helper()
		if _, err := exec.LookPath(name); err != nil {
			t.Logf("%s is not there", name)
			return
		}
		command := exec.Command(name, arguments...)
		command.Stdin = bytes.NewReader(packed.Bytes())
		if got, err := command.Output(); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s gets %d bytes, want %d (%v)", name, len(got), len(plain), err)
		}
	}
	f("gzip", "-dc")
	f("python3", "-c", "import sys,zlib;d=zlib.decompressobj(31);b=sys.stdin.buffer.read();"+
		"sys.stdout.buffer.write(d.decompress(b));assert d.eof and not d.unused_data")
	x := serve(t, nothing, nil)
	x.fill(t, 5000)
	_, want := x.do(t, "GET", "/metrics")
	if _, err := exec.LookPath("curl"); err == nil {
		got, err := exec.Command("curl", "-sS", "--compressed", x.url+"/metrics").Output()
		if err != nil || string(got) != want {
			t.Errorf("curl gets %d bytes, want %d (%v)", len(got), len(want), err)
		}
	}
}

// fillRegistry makes counters.
func fillRegistry(registry *aggregate.Registry, series int) *aggregate.Shard {
	shard := registry.NewShard()
	for i := range series {
		shard.Record(&protocol.Sample{
			Name: []byte("requests"), Tags: fmt.Appendf(nil, "route:/api/%d", i), Value: float64(i), Rate: 1,
		})
	}
	return shard
}
