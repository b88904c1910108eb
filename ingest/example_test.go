package ingest_test

import (
	"context"
	"fmt"
	"net"
	"runtime"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/ingest"
	"weir/protocol"
)

// A server takes lines over TCP into a registry, and its ledger says what became of every sample.
func Example() {
	o := ingest.DefaultOptions()
	o.UDP, o.TCP = nil, []string{"127.0.0.1:0"}
	registry := aggregate.New(aggregate.DefaultOptions())
	server := ingest.NewServer(o, registry, zerolog.Nop())
	if err := server.Start(); err != nil {
		panic(err)
	}

	listener := server.Listeners()[0]
	client, err := net.Dial(listener.Transport, listener.Address)
	if err != nil {
		panic(err)
	}
	fmt.Fprint(client, "requests:2|c\nrequests:1|c\nnot a line\n")
	client.Close()
	for stats := server.Stats(); stats.Total().Ledger.Lines < 3; stats = server.Stats() {
		runtime.Gosched() // until the lines have come
	}
	if err := server.Close(context.Background()); err != nil {
		panic(err)
	}

	stats := server.Stats()
	ledger := stats.Transport("tcp").Ledger
	fmt.Println("samples:", ledger.Samples)
	fmt.Println("recorded:", ledger.Outcomes[protocol.ReasonNone])
	fmt.Println("malformed:", ledger.Outcomes[protocol.ReasonMalformedLine])
	fmt.Printf("rejected: %q\n", server.Rejects()[0].Line)
	// Output:
	// samples: 3
	// recorded: 2
	// malformed: 1
	// rejected: "not a line"
}
