package format_test

import (
	"fmt"

	"weir/aggregate"
	"weir/expose/format"
	"weir/protocol"
)

// An encoder writes one family as text.
func Example() {
	registry := aggregate.New(aggregate.DefaultOptions())
	shard := registry.NewShard()
	shard.Record(&protocol.Sample{Name: []byte("hits"), Tags: []byte("code:200"), Value: 3, Rate: 1})
	shard.Record(&protocol.Sample{Name: []byte("hits"), Tags: []byte("code:500"), Value: 1, Rate: 1})

	media := format.Negotiate([][]byte{[]byte("text/plain;version=0.0.4;q=0.5,*/*;q=0.1")})
	encoding := media.Format.Encoding()
	encoder := format.NewEncoder(encoding, media.Escaping, false)
	reading := format.NewReading()

	names := format.Names{Families: registry.Snapshot().Families}
	f := names.Families[0]
	family := names.Family(f.Family, media.Escaping)
	reading.Read(f.Family, f.Series)
	reading.Rewind(encoding)
	text := encoder.AppendFamily(nil, &family, f.Series, reading)

	fmt.Println(media.ContentType())
	fmt.Print(string(encoder.AppendEnd(text)))
	// Output:
	// text/plain; version=0.0.4; charset=utf-8; escaping=underscores
	// # HELP hits StatsD counter.
	// # TYPE hits counter
	// hits{code="200"} 3
	// hits{code="500"} 1
}
