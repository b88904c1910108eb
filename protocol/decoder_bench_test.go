package protocol_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/bench/workload"
	"weir/protocol"
)

// BenchmarkDecode decodes datagrams of up to 1,432 bytes, the payload that clients pack for Ethernet. Run:
//
//	go test -run='^$' -bench=BenchmarkDecode -count=10 ./protocol
func BenchmarkDecode(b *testing.B) {
	mixes := []struct {
		name string
		mix  workload.Mix
	}{{"counters", workload.CountersOnly()}, {"realistic", workload.RealisticMix()}}
	for _, m := range mixes {
		for _, tags := range []int{0, 3} {
			for _, series := range []int{1, 1_000, 10_000, 100_000} {
				if series == 1 && m.name != "counters" {
					continue // one series has one kind
				}
				b.Run(fmt.Sprintf("mix=%s/tags=%d/series=%d", m.name, tags, series), func(b *testing.B) {
					g := workload.New(workload.Spec{Seed: 1, Series: series, Tags: tags, Mix: m.mix})
					benchmarkDecode(b, g, max(series, 1_000))
				})
			}
		}
	}
}

// BenchmarkDecodeRare decodes shapes that a workload does not have.
func BenchmarkDecodeRare(b *testing.B) {
	for _, shape := range []struct{ name, line string }{
		{"packed=8", "web.http.duration:12:13:14:15:16:17:18:19|ms"},
		{"packed=200", "web.http.duration" + strings.Repeat(":12.5:7", 100) + "|ms"},
		{"continued", "web.http.requests:1|c:12|ms:7|g"},
		{"origin", "web.http.requests:1|c|#env:prod|c:ci-0123456789abcdef|e:it-false,cn-web,pu-1234|card:low"},
		{"bad", "web.http.requests:abc|c"},
	} {
		b.Run(shape.name, func(b *testing.B) {
			var d protocol.Decoder
			line := []byte(shape.line)
			b.ReportAllocs()
			for b.Loop() {
				count(&d, line)
			}
		})
	}
}

func benchmarkDecode(b *testing.B, g *workload.Generator, lines int) {
	b.Helper()
	var datagrams [][]byte
	bytes := 0
	for int(g.Count().Lines) < lines {
		datagrams = append(datagrams, g.AppendDatagram(nil, lines, 1432))
		bytes += len(datagrams[len(datagrams)-1])
	}
	var d protocol.Decoder
	decodeAll := func() (samples int) {
		for _, datagram := range datagrams {
			samples += count(&d, datagram)
		}
		return samples
	}
	if got, want := decodeAll(), int(g.Count().Samples); got != want {
		b.Fatalf("%d samples, want %d", got, want)
	}
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	for b.Loop() {
		decodeAll()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(g.Count().Lines), "ns/line")
}

// count decodes a datagram and returns how many samples and errors it had.
func count(d *protocol.Decoder, datagram []byte) (n int) {
	d.Reset(datagram)
	for d.Next() {
		for {
			s, err := d.Sample()
			if s == nil && err == nil {
				break
			}
			n++
		}
	}
	return n
}
