package digits_test

import (
	"fmt"
	"testing"

	"weir/internal/digits"
)

func TestGrouped(t *testing.T) {
	f := func(n uint64, want string) {
		t.Helper()
		if got := digits.Grouped(n); got != want {
			t.Errorf("Grouped(%d) = %q, want %q", n, got, want)
		}
	}
	f(0, "0")
	f(999, "999")
	f(1000, "1,000")
	f(1234567, "1,234,567")
}

func ExampleGrouped() {
	fmt.Println(digits.Grouped(150007))
	// Output: 150,007
}
