package losses_test

import (
	"os"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/cmd/weir/losses"
	"weir/ingest"
	"weir/protocol"
)

// A Log looks at the counts and says what is being lost, once for each cause.
func Example() {
	from := &counts{kept: 1, rejects: []ingest.Reject{{
		Seq: 1, Reason: protocol.ReasonBadValue, Line: "web.hits:one|c", Offset: len("web.hits:"),
		Listener: "udp://127.0.0.1:9125", Sender: "127.0.0.1:40000",
	}}}
	log := losses.New(aggregate.New(aggregate.DefaultOptions()), from, zerolog.New(os.Stdout))
	log.Tick()
	log.Tick()
	// Output:
	// {"level":"warn","line":"web.hits:one|c","reason":"bad_value","listener":"udp://127.0.0.1:9125","sender":"127.0.0.1:40000","message":"rejected: the value is empty or not a number: \"one\""}
}
