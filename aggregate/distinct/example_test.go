package distinct_test

import (
	"fmt"

	"weir/aggregate/distinct"
)

// Two shards saw members of one set; ten seconds later some have left the window.
func Example() {
	const window = distinct.Window(10)
	var one, other distinct.Set
	one.Insert(1, 0, window)
	one.Insert(2, 5, window)
	other.Insert(2, 5, window)
	other.Insert(3, 7, window)
	for _, now := range []int64{7, 10, 17} {
		var union distinct.Union
		union.Add(&one, now, window)
		union.Add(&other, now, window)
		fmt.Println(now, union.Count())
	}
	// Output:
	// 7 3
	// 10 2
	// 17 0
}
