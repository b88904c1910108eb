package page_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"go.uber.org/goleak"

	"weir/aggregate"
	"weir/expose/format"
	"weir/expose/page"
	"weir/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// renderer renders registries through a cache, which lives as long as it does.
type renderer struct {
	page.Request
	page.Options

	self      []*dto.MetricFamily
	gathering func() // called when an exposition is collected

	registry *aggregate.Registry
	cache    *page.Cache
}

// newRenderer returns a renderer of plain text that shares nothing.
func newRenderer(registry *aggregate.Registry) *renderer {
	return &renderer{registry: registry, Options: page.Options{MinGzipBytes: 1024, GzipLevel: 6}}
}

// newSharing returns a renderer of plain text that shares pages.
func newSharing(registry *aggregate.Registry) *renderer {
	r := newRenderer(registry)
	r.IsShared, r.MaxSizeBytes = true, 1<<30
	return r
}

// open makes the cache, the first time.
func (r *renderer) open() *page.Cache {
	if r.cache == nil {
		r.cache = page.New(r.Options, page.Source{Registry: r.registry, Self: r.gather})
	}
	return r.cache
}

func (r *renderer) gather() []*dto.MetricFamily {
	if r.gathering != nil {
		r.gathering()
	}
	return r.self
}

// renderTo writes the exposition and returns its size before compression, and whether it is compressed.
func (r *renderer) renderTo(w io.Writer) (size int, isGzip bool) {
	now := time.Now()
	response, err := r.open().Get(r.Request, now, now.Add(time.Hour))
	if err != nil {
		panic(err)
	}
	response.Deadline = now.Add(time.Hour)
	if _, err := response.WriteTo(w); err != nil {
		panic(err)
	}
	return response.Size(), response.IsGzip()
}

// render returns the exposition.
func (r *renderer) render() []byte {
	var b bytes.Buffer
	r.renderTo(&b)
	return b.Bytes()
}

// kept returns what is kept of each page.
func (r *renderer) kept() []any { return r.cache.Kept(r.Request) }

// encodings are all of them, with names.
var encodings = []struct {
	name     string
	encoding format.Encoding
	format   format.Format
}{
	{"text", format.EncodingText, format.Text},
	{"openmetrics", format.EncodingOpenMetrics, format.OpenMetrics},
	{"protobuf", format.EncodingProtobuf, format.Protobuf},
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
