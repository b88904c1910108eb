package production

import (
	"context"
	"fmt"

	"weir/config"
)

// Result is what one check found.
type Result struct {
	// Group is "performance", "security", "reliability" or "observability".
	Group string `json:"group"`
	// Name says what must hold.
	Name string `json:"name"`
	// OK says that it holds.
	OK bool `json:"ok"`
	// Figure is what was measured or read.
	Figure string `json:"figure"`
	// Change says what to change; empty when OK.
	Change string `json:"change,omitempty"`
}

// finding is what a check found: a figure, and what to change; nothing when all is well.
type finding struct{ figure, change string }

// check is one row of the list.
type check struct {
	group, name string
	run         func(ctx context.Context, c *config.Config) (finding, error)
}

// checks are the list, in its order.
func checks() []check {
	return []check{
		{"performance", "an increment takes less than 50 ns", increment},
		{"performance", "10,000 metrics are serialised in less than 10 ms", serialise},
		{"performance", "gzip works", compress},
		{"performance", "more than 90 % of repeated scrapes hit the cache", hitCache},
		{"security", "labels are sanitised", sanitise},
		{"security", "the rate of scrapes is limited", limitRate},
		{"security", "authentication is on where others can connect", authenticate},
		{"reliability", "limits on series are set", limitSeries},
		{"reliability", "at the limit, old series still count and refusals are counted", degrade},
		{"reliability", "a scrape ends at its timeout", endInTime},
		{"observability", "self-metrics are there", observeSelf},
		{"observability", "errors are logged", logErrors},
	}
}

// Run runs every check on c, which must be valid. A check that cannot run has failed. The error says that ctx
// ended before the last check.
func Run(ctx context.Context, c *config.Config) ([]Result, error) {
	var results []Result
	for _, check := range checks() {
		if err := ctx.Err(); err != nil {
			return results, fmt.Errorf("check for production: %w", err)
		}
		found, err := check.run(ctx, c)
		if err != nil {
			found = finding{err.Error(), "see why the check could not run"}
		}
		results = append(results, Result{
			Group: check.group, Name: check.name, OK: found.change == "",
			Figure: found.figure, Change: found.change,
		})
	}
	return results, nil
}

// Failed returns how many of the results are not OK.
func Failed(results []Result) (count int) {
	for _, r := range results {
		if !r.OK {
			count++
		}
	}
	return count
}
