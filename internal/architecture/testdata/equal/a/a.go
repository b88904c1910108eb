package a

import (
	"fmt"
	"io"
)

func sum(w io.Writer, numbers []int) {
	total := 0
	for _, n := range numbers {
		total += n
	}
	fmt.Fprintln(w, total)
}

func double(numbers []int) {
	for i := range numbers {
		numbers[i] *= 2
	}
	println("doubled")
}
