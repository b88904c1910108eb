package journal_test

import (
	"fmt"
	"os"
	"path/filepath"

	"weir/aggregate/journal"
)

// A journal outlives a process that does not close it.
func Example() {
	dir, err := os.MkdirTemp("", "journal")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "state.journal-1")
	j, err := journal.Create(path, 1, 1<<20)
	if err != nil {
		panic(err)
	}
	place, _ := j.Add([]byte(`hits{path="/a"}`), []uint64{3}, 1)
	_ = j.Update(place, []uint64{5})

	contents, err := journal.Read(path, 1) // in the next process
	if err != nil {
		panic(err)
	}
	for e := range contents.Entries() {
		fmt.Println(string(e.Head), e.Words)
	}
	// Output: hits{path="/a"} [5]
}
