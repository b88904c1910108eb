package page_test

import (
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"weir/aggregate"
	"weir/aggregate/journal"
	"weir/protocol"
)

// BenchmarkScrape renders all counters, without HTTP. A byte is one before compression. Run:
//
//	go test -run='^$' -bench=BenchmarkScrape/ -count=10 ./expose/page
func BenchmarkScrape(b *testing.B) {
	for _, f := range encodings {
		for _, series := range []int{10_000, 100_000} {
			for _, encoding := range []string{"identity", "gzip"} {
				b.Run(fmt.Sprintf("format=%s/series=%d/encoding=%s", f.name, series, encoding), func(b *testing.B) {
					registry, _ := benchRegistry(series)
					renderer := newRenderer(registry)
					renderer.Encoding, renderer.AcceptsGzip = f.encoding, encoding == "gzip"
					size, _ := renderer.renderTo(io.Discard)
					b.SetBytes(int64(size))
					b.ReportAllocs()
					for b.Loop() {
						renderer.renderTo(io.Discard)
					}
				})
			}
		}
	}
}

// BenchmarkPages renders a hundred thousand counters, of which the same share changes each time:
// neighbours, or spread over the family. Run:
//
//	go test -run='^$' -bench=BenchmarkPages -count=10 ./expose/page
func BenchmarkPages(b *testing.B) {
	for _, encoding := range []string{"identity", "gzip"} {
		for _, c := range changes {
			b.Run(fmt.Sprintf("encoding=%s/changed=%s", encoding, c.name), func(b *testing.B) {
				registry, change := benchRegistry(changing)
				renderer := newSharing(registry)
				renderer.AcceptsGzip = encoding == "gzip"
				renderer.benchChanges(b, c, change)
			})
		}
	}
}

// BenchmarkJournal is BenchmarkPages with a journal that keeps what is shown, and without one. Run:
//
//	go test -run='^$' -bench=BenchmarkJournal -count=10 ./expose/page
func BenchmarkJournal(b *testing.B) {
	for _, c := range changes {
		for _, name := range []string{"off", "on"} {
			b.Run(fmt.Sprintf("changed=%s/journal=%s", c.name, name), func(b *testing.B) {
				registry, change := benchRegistry(changing)
				if name == "on" {
					j, err := journal.Create(filepath.Join(b.TempDir(), "journal"), 1, 256<<20)
					if err != nil {
						b.Skip(err)
					}
					registry.SetJournal(j)
					defer func() {
						registry.SetJournal(nil)
						if !j.IsComplete() {
							b.Error("the journal is not complete")
						}
						_ = j.Remove()
					}()
				}
				newSharing(registry).benchChanges(b, c, change)
			})
		}
	}
}

// changing is how many series benchRegistry has in benchmarks of changes.
const changing = 100_000

// changes is how many of them change between two scrapes, and how far they are apart.
var changes = []share{
	{"none", 0, 1}, {"1%-neighbours", changing / 100, 97}, {"1%-spread", changing / 100, 1}, {"all", changing, 1},
}

type share struct {
	name        string
	count, step int
}

// benchChanges renders again and again, after changes for which the clock stands.
func (r *renderer) benchChanges(b *testing.B, s share, change func(i int)) {
	b.Helper()
	size, _ := r.renderTo(io.Discard)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	some := func() {
		for i := range s.count {
			change(i * s.step)
		}
	}
	for range 4 { // until the series that change have pages of their own
		some()
		r.renderTo(io.Discard)
	}
	for b.Loop() {
		b.StopTimer()
		some()
		b.StartTimer()
		r.renderTo(io.Discard)
	}
}

// BenchmarkCacheHit serves an exposition that is shared. Run:
//
//	go test -run='^$' -bench=BenchmarkCacheHit -count=10 ./expose/page
func BenchmarkCacheHit(b *testing.B) {
	registry, _ := benchRegistry(100_000)
	renderer := newSharing(registry)
	renderer.AcceptsGzip, renderer.TTL = true, 1<<40
	size, _ := renderer.renderTo(io.Discard)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		renderer.renderTo(io.Discard)
	}
}

// benchRegistry has so many counters of one family; change adds to one of them.
func benchRegistry(series int) (registry *aggregate.Registry, change func(i int)) {
	options := aggregate.DefaultOptions()
	options.Limits.MaxSeriesPerMetric = series
	registry = aggregate.New(options)
	shard := registry.NewShard()
	samples := make([]protocol.Sample, series)
	for i := range samples {
		samples[i] = protocol.Sample{
			Name: []byte("http.requests"), Value: float64(i%1000 + 1), Rate: 1,
			Tags: fmt.Appendf(nil, "env:production,region:eu-west-1,host:web-%d,route:/api/v1/%d,status:200", i%97, i),
		}
		shard.Record(&samples[i])
	}
	return registry, func(i int) { shard.Record(&samples[i]) }
}

// BenchmarkSmallFamilies renders families of one series, to which another is added each time, so that the
// series are cut into pages again. Run:
//
//	go test -run='^$' -bench=BenchmarkSmallFamilies -count=10 ./expose/page
func BenchmarkSmallFamilies(b *testing.B) {
	for _, families := range []int{100_000, 1_000_000} {
		for _, encoding := range []string{"identity", "gzip"} {
			b.Run(fmt.Sprintf("families=%d/encoding=%s", families, encoding), func(b *testing.B) {
				options := aggregate.DefaultOptions()
				options.Limits.MaxTotalSeries = 2 * families
				registry := aggregate.New(options)
				shard := registry.NewShard()
				created := 0
				create := func() {
					created++
					shard.Record(&protocol.Sample{
						Name: fmt.Appendf(nil, "web_requests_%d_total", created), Value: 1, Rate: 1,
					})
				}
				for range families {
					create()
				}
				benchChanges(b, registry, encoding, create)
			})
		}
	}
}

// BenchmarkManyBuckets renders 10,000 histograms of 1,000 buckets, all of which change each time. Run:
//
//	go test -run='^$' -bench=BenchmarkManyBuckets -count=10 ./expose/page
func BenchmarkManyBuckets(b *testing.B) {
	options := aggregate.DefaultOptions()
	options.Timers.Buckets = nil
	for i := range 1000 {
		options.Timers.Buckets = append(options.Timers.Buckets, float64(i))
	}
	for _, encoding := range []string{"identity", "gzip"} {
		b.Run("encoding="+encoding, func(b *testing.B) {
			registry := aggregate.New(options)
			shard := registry.NewShard()
			observe := func() {
				for i := range options.Limits.MaxSeriesPerMetric {
					shard.Record(&protocol.Sample{
						Name: []byte("t"), Tags: fmt.Appendf(nil, "i:%d", i), Kind: protocol.KindTimer,
						Value: float64(i), Rate: 1,
					})
				}
			}
			benchChanges(b, registry, encoding, observe)
		})
	}
}

// benchChanges benchmarks scrapes with the default size of the cache, before each of which change is called.
func benchChanges(b *testing.B, registry *aggregate.Registry, encoding string, change func()) {
	b.Helper()
	change()
	renderer := newSharing(registry)
	renderer.AcceptsGzip, renderer.MaxSizeBytes = encoding == "gzip", 64<<20
	size, _ := renderer.renderTo(io.Discard)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		change()
		b.StartTimer()
		renderer.renderTo(io.Discard)
	}
}
