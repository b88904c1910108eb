package good_test

import "fmt"

func Example() {
	fmt.Println("hello")
	// Output: hello
}
