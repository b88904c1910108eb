package b

import (
	"fmt"
	"io"
)

// The same lines with a comment, an empty line and other white space between them are still the same.
func sum(w io.Writer, numbers []int) {
	total := 0 // so far

	for _, n := range numbers {
		total += n
	}
	fmt.Fprintln(w, total)
}

func double(numbers []int) {
	for i := range numbers {
		numbers[i] *= 2
	}
	println("twice")
}
