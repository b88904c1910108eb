package architecture_test

import (
	"fmt"
	"testing/fstest"

	"weir/internal/architecture"
)

// A module with two rooms, of which the lower one imports the upper one.
func Example() {
	module, err := architecture.Load(fstest.MapFS{
		"go.mod":     {Data: []byte("module shop\n")},
		"till/a.go":  {Data: []byte("package till\n\nimport _ \"shop/stock\"\n")},
		"stock/a.go": {Data: []byte("package stock\n\nimport _ \"shop/till\"\n")},
	})
	if err != nil {
		panic(err)
	}
	shape := architecture.Shape{Table: []architecture.Row{
		{Room: "till", Imports: "stock", Except: "doc example"},
		{Room: "stock", Except: "doc example"},
	}}
	for _, breach := range shape.Check(module) {
		fmt.Println(breach.Place)
		fmt.Println(breach.What)
		fmt.Println(breach.Remedy)
	}
	// Output:
	// stock/a.go:3
	// stock must not import till: its row in the table allows no room
	// move what both need into a room below them, or let the room above pass it in
}
