package main

import (
	"fmt"
	"os"
)

// A command line is run as main runs it; the code is the exit code.
func Example() {
	code := run([]string{"explain", "web.hits:1|c|#status:200", "db.time:30|ms"}, os.Stdout, os.Stderr)
	fmt.Println("exit code", code)
	// Output:
	// web.hits:1|c|#status:200
	//   sample    web.hits of type c: 1 adds to the counter
	//   tags      status=200 (dogstatsd)
	//   series    web_hits{status="200"} (counter)
	// db.time:30|ms
	//   sample    db.time of type ms: 30 milliseconds are observed; the series is in seconds
	//   series    db_time (histogram)
	// exit code 0
}
