package state_test

import (
	"fmt"
	"os"
	"path/filepath"

	"weir/aggregate"
	"weir/aggregate/state"
	"weir/protocol"
)

// What a scrape has shown is there again after a process was killed, though it was never saved.
func Example() {
	dir, err := os.MkdirTemp("", "state")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	o := state.Options{Path: filepath.Join(dir, "weir.state"), JournalMaxBytes: 1 << 20}

	registry := aggregate.New(aggregate.DefaultOptions())
	keeper := state.New(o, registry)
	_, _ = keeper.Load()
	_, _ = keeper.Save()
	registry.NewShard().Record(&protocol.Sample{Name: []byte("hits"), Kind: protocol.KindCounter, Value: 3, Rate: 1})
	var values aggregate.Values
	hits := registry.Snapshot().Families[0]
	values.Read(hits.Family, hits.Series)
	registry.Offered(&values) // a scrape
	_ = keeper.Close()        // the kernel does that to a process that is killed

	registry = aggregate.New(aggregate.DefaultOptions())
	restored, err := state.New(o, registry).Load()
	fmt.Println(restored.Series, registry.Snapshot().Families[0].Series[0].Value(), err)
	// Output: 1 3 <nil>
}
