package relay_test

import (
	"context"
	"fmt"
	"net"

	"github.com/rs/zerolog"

	"weir/ingest/relay"
)

// Two lines travel to another server in one datagram.
func Example() {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer server.Close()

	r := relay.New(relay.Options{
		Targets: []string{"udp://" + server.LocalAddr().String()}, DatagramBytes: relay.DefaultDatagramBytes,
	}, zerolog.Nop())
	r.Start()
	buffer := r.NewBuffer() // one for each loop
	buffer.Line([]byte("requests:1|c"))
	buffer.Line([]byte("queue:7|g"))
	buffer.Flush() // at the end of a batch
	r.Close(context.Background())

	datagram := make([]byte, 1<<16)
	n, _, err := server.ReadFrom(datagram)
	fmt.Printf("%s%v\n", datagram[:n], err)
	fmt.Println("waiting:", r.Stats()[0].LinesWaiting)
	// Output:
	// requests:1|c
	// queue:7|g
	// <nil>
	// waiting: 0
}
