package point_test

import (
	"fmt"

	"weir/expose/remote/point"
)

// A new counter that has 3 is 0 just before its first value.
func Example() {
	before := point.Point{At: 1_700_000_000_001, What: point.Zero}
	now := point.Point{At: 1_700_000_015_000}
	fmt.Println(before.Float(3), now.Float(3))
	// Output: 0 3
}
