package aggregate_test

import (
	"fmt"

	"weir/aggregate"
	"weir/protocol"
)

// A way out reads families, series, labels and values, offers the values before they leave, and says when a
// scrape was served. Nothing else of it changes the registry.
func Example() {
	registry := aggregate.New(aggregate.DefaultOptions())
	shard := registry.NewShard()
	shard.Record(&protocol.Sample{Kind: protocol.KindCounter, Name: []byte("hits"), Tags: []byte("code:200"), Value: 3, Rate: 1})

	var values aggregate.Values
	snapshot := registry.Snapshot()
	for _, f := range snapshot.Families {
		values.Reset()
		values.Read(f.Family, f.Series)
		registry.Offered(&values)
		for i, s := range f.Series {
			words := values.Of(i)
			fmt.Println(f.Type(), f.Name(), s.ID(), words.Float())
			for name, value := range s.Labels().All() {
				fmt.Println(name, value)
			}
		}
	}
	snapshot.Served() // only for a scrape that got it all
	// Output:
	// counter hits c0daaf72ed53eb7b 3
	// code 200
}
