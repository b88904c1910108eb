package otlp_test

import (
	"fmt"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/remote/otlp"
	"weir/expose/remote/point"
	"weir/protocol"
)

// An encoder makes a request of one counter.
func Example() {
	registry := aggregate.New(aggregate.DefaultOptions())
	registry.NewShard().Record(&protocol.Sample{Name: []byte("hits"), Tags: []byte("code:200"), Value: 3, Rate: 1})
	family := registry.Snapshot().Families[0]
	var values aggregate.Values
	values.Read(family.Family, family.Series)

	encoder := otlp.NewEncoder(label.Of(`instance="web-1",job="weir"`))
	encoder.Add(family.Family, family.Series[0], values.Of(0), nil, point.Point{At: 1_700_000_015_000, Start: 1_700_000_000_000})
	request := encoder.AppendTo(nil)
	fmt.Println(encoder.Samples(), "data point,", len(request), "bytes")
	// Output: 1 data point, 138 bytes
}
