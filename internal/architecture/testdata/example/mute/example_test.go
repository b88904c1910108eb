package mute_test

import "fmt"

func Example() {
	fmt.Println("go test only compiles this")
}
