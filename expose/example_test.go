package expose_test

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/expose"
	"weir/protocol"
)

// A server answers a scrape.
func Example() {
	registry := aggregate.New(aggregate.DefaultOptions())
	registry.NewShard().Record(&protocol.Sample{Name: []byte("hits"), Tags: []byte("code:200"), Value: 3, Rate: 1})

	options := expose.DefaultOptions()
	options.Endpoint.Listen = "127.0.0.1:0" // a free port
	server := expose.NewServer(options, registry, prometheus.NewRegistry(), expose.Observers{}, zerolog.Nop())
	if err := server.Listen(); err != nil {
		panic(err)
	}
	served := make(chan error)
	go func() { served <- server.Serve() }() // ends with Close

	response, err := http.Get("http://" + server.Addr().String() + "/metrics")
	if err != nil {
		panic(err)
	}
	text, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	fmt.Print(string(text))

	http.DefaultClient.CloseIdleConnections()
	fmt.Println(server.Close(context.Background()), <-served)
	// Output:
	// # HELP hits StatsD counter.
	// # TYPE hits counter
	// hits{code="200"} 3
	// <nil> <nil>
}
