package saved_test

import (
	"fmt"

	"weir/aggregate/saved"
)

// The labels of a series are checked before it is restored.
func ExampleSeries_ParseLabels() {
	s := saved.Series{Labels: `path="/a",zone="b"`}
	labels, err := s.ParseLabels()
	fmt.Println(labels.Text(), err)

	s.Labels = `path=`
	_, err = s.ParseLabels()
	fmt.Println(err != nil)
	// Output:
	// path="/a",zone="b" <nil>
	// true
}
