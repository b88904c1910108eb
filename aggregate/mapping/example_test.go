package mapping_test

import (
	"fmt"

	"weir/aggregate/mapping"
)

func ExampleMatcher_Match() {
	rules, err := mapping.Parse("mapping.yaml", []byte(`
mappings:
- match: "web.*.requests"
  name: web_requests_total
  labels: {site: "$1"}
`))
	if err != nil {
		panic(err)
	}
	matcher := rules.NewMatcher()
	result := matcher.Match([]byte("web.shop.requests"), mapping.TypeCounter, nil)
	fmt.Printf("%s %s=%s", result.Name, result.Labels[0].Name, result.Labels[0].Value)
	// Output: web_requests_total site=shop
}
