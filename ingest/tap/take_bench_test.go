package tap_test

import "testing"

// BenchmarkTake tells the tap of a datagram of ten lines, of which about one in a thousand is sampled.
//
//	go test -run='^$' -bench=Take ./ingest/tap
func BenchmarkTake(b *testing.B) {
	f := newFixture(nil)
	defer f.Close()
	lane, from := f.NewLane("udp"), host("10.0.0.1:1")
	datagram := []byte("a:1|c\na:1|c\na:1|c\na:1|c\na:1|c\na:1|c\na:1|c\na:1|c\na:1|c\na:1|c\n")
	f.Senders()
	b.ReportAllocs()
	for b.Loop() {
		lane.Take(from, "udp://127.0.0.1:9125", datagram, 10, 10)
		lane.Publish()
	}
}
