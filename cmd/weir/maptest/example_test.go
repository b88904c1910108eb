package maptest_test

import (
	"fmt"
	"os"

	"weir/aggregate/mapping"
	"weir/cmd/weir/maptest"
	"weir/config"
)

// The tests of a file run with a configuration that has the rules. One of them fails.
func Example() {
	suite, err := maptest.Read("testdata/fails.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	source, err := os.ReadFile(suite.Mapping())
	if err != nil {
		fmt.Println(err)
		return
	}
	rules, err := mapping.Parse("rules.yaml", source)
	if err != nil {
		fmt.Println(err)
		return
	}
	c := config.Default()
	c.Aggregate.Rules = []*mapping.Rules{rules}
	passed, err := suite.Run(os.Stdout, c)
	fmt.Println(passed, err)
	// Output:
	// testdata/fails.yaml:3: the site is another: failed; - is wanted, + is actual
	//   - web_hits{site="store"} 1
	//   + web_hits{site="shop"} 1
	//     web.shop.hits:1|c  by rules.yaml:3: web.*.hits
	// testdata/fails.yaml: 1 of 1 failed
	// false <nil>
}
