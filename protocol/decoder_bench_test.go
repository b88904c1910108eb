package protocol_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/protocol"
)

// BenchmarkDecode decodes datagrams of 1,432 bytes, the payload that clients pack for Ethernet. Run:
//
//	go test -run='^$' -bench=BenchmarkDecode -count=10 ./protocol
func BenchmarkDecode(b *testing.B) {
	const payload = 1432
	for _, shape := range []struct{ name, line string }{
		{"kind=c/tags=0", "web.http.requests.%d:1|c"},
		{"kind=c/tags=3", "web.http.requests.%d:1|c|#env:production,region:eu-west-1,service:shop"},
		{"kind=ms/tags=0", "web.http.duration.%d:12.75|ms|@0.1"},
		{"kind=ms/tags=3", "web.http.duration.%d:12.75|ms|@0.1|#env:production,region:eu-west-1,service:shop"},
		{"kind=g/tags=0", "queue.depth.%d:-1234|g"},
		{"packed", "web.http.duration.%d:12:13:14:15:16:17:18:19|ms"},
		{"bad", "web.http.requests.%d:abc|c"},
	} {
		b.Run(shape.name, func(b *testing.B) {
			var datagram strings.Builder
			lines := 0
			for line := ""; datagram.Len()+len(line) < payload; lines++ {
				line = fmt.Sprintf(shape.line, lines) + "\n"
				datagram.WriteString(line)
			}
			benchmarkDecode(b, []byte(datagram.String()), lines)
		})
	}
}

func benchmarkDecode(b *testing.B, datagram []byte, lines int) {
	b.Helper()
	var d protocol.Decoder
	want := len(decode(&d, string(datagram)))
	b.SetBytes(int64(len(datagram)))
	b.ReportAllocs()
	for b.Loop() {
		got := 0
		d.Reset(datagram)
		for d.Next() {
			for {
				s, err := d.Sample()
				if s == nil && err == nil {
					break
				}
				got++
			}
		}
		if got != want {
			b.Fatalf("%d samples, want %d", got, want)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(lines), "ns/line")
}
