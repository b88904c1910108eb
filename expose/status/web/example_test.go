package web_test

import (
	"fmt"
	"strings"

	"weir/expose/status/web"
)

// A name that a sender chose is text in the document, whatever is in it.
func ExamplePage_Append() {
	page := web.New()
	document := string(page.Append(nil, &web.Summary{
		Health:  "12 lines/s, none lost uncounted",
		Metrics: []web.Metric{{Name: "<img onerror=alert(1)>\u202e", Type: "counter", Series: 1200, PerSecond: 12}},
	}))
	for line := range strings.Lines(document) {
		if strings.Contains(line, "onerror") {
			fmt.Print(line)
		}
	}
	// Output:
	// <tr><td class="mono">&lt;img onerror=alert(1)&gt;\u202e</td><td>counter</td><td class="n">1,200</td><td class="n">12</td></tr>
}
