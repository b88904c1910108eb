package explain_test

import (
	"fmt"
	"os"

	"weir/cmd/weir/explain"
	"weir/config"
)

func Example() {
	x := explain.New(config.Default())
	for _, line := range x.Lines("web.hits,status=200:1|c|@0.1\nweb.hits:-1|c") {
		if err := line.Print(os.Stdout); err != nil {
			fmt.Println(err)
		}
		fmt.Println("rejected:", line.Rejected())
	}
	// Output:
	// web.hits,status=200:1|c|@0.1
	//   sample    web.hits of type c: 1 adds to the counter, counted 10 times (rate 0.1)
	//   tags      status=200 (influxdb)
	//   series    web_hits{status="200"} (counter)
	// rejected: false
	// web.hits:-1|c
	//   sample    web.hits of type c: -1 adds to the counter
	//   rejected  negative_counter: a counter cannot go down: use a gauge
	// rejected: true
}
