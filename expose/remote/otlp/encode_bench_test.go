package otlp_test

import (
	"fmt"
	"testing"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/remote/otlp"
)

// How long one series takes, and how many bytes:
//
//	go test -bench=Add ./expose/remote/otlp
func BenchmarkAdd(b *testing.B) {
	for _, kind := range []string{"c", "h"} {
		b.Run("kind="+kind, func(b *testing.B) {
			o := aggregate.DefaultOptions()
			lines := make([]string, 1000)
			for i := range lines {
				lines[i] = fmt.Sprintf("http_requests:1|%s|#code:200,method:get,path:/%d", kind, i)
			}
			f := registryOf(b, &o, lines...).Snapshot().Families[0]
			var values aggregate.Values
			values.Read(f.Family, f.Series)
			e := otlp.NewEncoder(label.Of(`instance="a",job="weir"`))
			var request []byte
			b.ReportAllocs()
			for b.Loop() {
				e.Reset()
				for i, s := range f.Series {
					e.Add(f.Family, s, values.Of(i), nil, at)
				}
				request = e.AppendTo(request[:0])
			}
			b.SetBytes(int64(len(request)))
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(f.Series)), "ns/series")
			b.ReportMetric(float64(len(request))/float64(len(f.Series)), "B/series")
		})
	}
}
