package production_test

import (
	"fmt"
	"os"

	"weir/cmd/weir/production"
)

func ExamplePrint() {
	results := []production.Result{
		{Group: "performance", Name: "gzip works", OK: true, Figure: "1024 KiB become 90 KiB"},
		{
			Group: "security", Name: "the rate of scrapes is limited", Figure: "no limit",
			Change: "set rate_limiting.enabled: true",
		},
	}
	if err := production.Print(os.Stdout, results); err != nil {
		fmt.Println(err)
	}
	// Output:
	// performance
	//   ok    gzip works: 1024 KiB become 90 KiB
	// security
	//   FAIL  the rate of scrapes is limited: no limit
	//         set rate_limiting.enabled: true
	// 1 of 2 checks passed
}
