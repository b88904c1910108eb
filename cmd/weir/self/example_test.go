package self_test

import (
	"fmt"

	"weir/cmd/weir/self"
)

// The tables describe themselves; the documentation lists them.
func Example() {
	for _, f := range self.Families()[:3] {
		fmt.Println(f.Name, f.Type, f.Labels)
	}
	// Output:
	// weir_datagrams_received_total counter []
	// weir_bytes_received_total counter [transport]
	// weir_lines_received_total counter [transport]
}
