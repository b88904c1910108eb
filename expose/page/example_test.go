package page_test

import (
	"fmt"
	"os"
	"time"

	"weir/aggregate"
	"weir/expose/format"
	"weir/expose/page"
	"weir/protocol"
)

// A cache renders the exposition of a registry, and shares it.
func Example() {
	registry := aggregate.New(aggregate.DefaultOptions())
	registry.NewShard().Record(&protocol.Sample{Name: []byte("hits"), Tags: []byte("code:200"), Value: 3, Rate: 1})

	cache := page.New(page.Options{IsShared: true, TTL: time.Minute, MaxSizeBytes: 1 << 20}, page.Source{Registry: registry})
	for range 2 {
		now := time.Now()
		response, err := cache.Get(page.Request{Encoding: format.EncodingText}, now, now.Add(time.Minute))
		if err != nil {
			panic(err)
		}
		response.Deadline = now.Add(time.Minute)
		if _, err := response.WriteTo(os.Stdout); err != nil {
			panic(err)
		}
	}
	stats := cache.Stats()
	fmt.Println(stats.Misses, "rendered,", stats.Hits, "shared")
	// Output:
	// # HELP hits StatsD counter.
	// # TYPE hits counter
	// hits{code="200"} 3
	// # HELP hits StatsD counter.
	// # TYPE hits counter
	// hits{code="200"} 3
	// 1 rendered, 1 shared
}
