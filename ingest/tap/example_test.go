package tap_test

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/ingest/tap"
	"weir/protocol"
)

// A loop tells its lane of the lines that it has taken while somebody looks.
func Example() {
	registry := aggregate.New(aggregate.DefaultOptions())
	t := tap.New(tap.Options{
		Registry: registry, Tagging: aggregate.Tagging{Dialects: protocol.AllDialects},
		Programs: tap.NewPrograms(registry.Now), Log: zerolog.Nop(),
	})
	defer t.Close()
	lane := t.NewLane("udp")
	fmt.Println("watched:", lane.IsWatched())

	page, _ := t.Tail(context.Background(), tap.Poll{Filter: tap.Filter{Match: "web.*"}})
	fmt.Println("watched:", lane.IsWatched())
	from := tap.Peer{Address: netip.MustParseAddrPort("192.0.2.1:4711")}
	lane.Take(from, "udp://127.0.0.1:9125", []byte("web.hits:1|c\ndb.time:7|ms\n"), 2, 2)

	page, _ = t.Tail(context.Background(), tap.Poll{Since: page.Since, Filter: tap.Filter{Match: "web.*"}, Limit: 10})
	for _, line := range page.Lines {
		fmt.Printf("%s sent %s; %d lines were looked at\n", line.From, line.Text, page.Seen)
	}
	all, _, _ := t.Senders()
	fmt.Printf("%s sent %d lines\n", all[0].Sender, all[0].Lines)
	// Output:
	// watched: false
	// watched: true
	// 192.0.2.1:4711 sent web.hits:1|c; 2 lines were looked at
	// 192.0.2.1 sent 2 lines
}
