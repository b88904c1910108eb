package prw_test

import (
	"fmt"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/remote/point"
	"weir/expose/remote/prw"
	"weir/protocol"
)

// A request of 2.0 holds one series, and becomes one of 1.0 for a receiver that knows no other.
func Example() {
	registry := aggregate.New(aggregate.DefaultOptions())
	registry.NewShard().Record(&protocol.Sample{Name: []byte("hits"), Tags: []byte("code:200"), Value: 3, Rate: 1})
	external, err := label.Parse(`instance="host",job="weir"`)
	if err != nil {
		panic(err)
	}

	encoder := prw.NewEncoder(prw.Version2, external)
	for _, f := range registry.Snapshot().Families {
		var values aggregate.Values
		values.Read(f.Family, f.Series)
		for i, s := range f.Series {
			encoder.Add(f.Family, s, values.Of(i), nil, point.Point{At: 1_700_000_000_000})
		}
	}
	request := encoder.AppendTo(nil)
	older, samples, err := prw.Downgrade(request)
	fmt.Println(encoder.Samples(), len(request), samples, len(older), err)
	// Output: 1 109 1 82 <nil>
}
