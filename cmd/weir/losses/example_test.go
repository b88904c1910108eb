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
		Seq: 1, Reason: protocol.ReasonBadRate, Line: "web.hits:1|c|@9", Offset: len("web.hits:1|c|@"),
		Listener: "udp://127.0.0.1:9125", Sender: "127.0.0.1:40000",
	}}}
	log := losses.New(aggregate.New(aggregate.DefaultOptions()), from, zerolog.New(os.Stdout))
	log.Tick()
	log.Tick()
	// Output:
	// {"level":"warn","line":"web.hits:1|c|@9","reason":"bad_rate","listener":"udp://127.0.0.1:9125","sender":"127.0.0.1:40000","message":"rejected: at \"9\": the sample rate is not a number above 0 and at most 1"}
}
