package web_test

import (
	"bytes"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/expose/status/web"
)

// has fails unless the document of a summary has the text.
func has(t *testing.T, s *web.Summary, want string) {
	t.Helper()
	if document := string(web.New().Append(nil, s)); !strings.Contains(document, want) {
		t.Errorf("the document has no %q:\n%s", want, document)
	}
}

func TestNumbers(t *testing.T) {
	f := func(n uint64, rate float64, want string) {
		t.Helper()
		has(t, &web.Summary{Ledger: []web.Count{{Name: "lines", Total: n, PerSecond: rate}}}, want)
	}
	f(0, 0, `<td class="n">0</td><td class="n">0</td>`)
	f(999, 0.256, `<td class="n">999</td><td class="n">0.26</td>`)
	f(1000, 99.5, `<td class="n">1,000</td><td class="n">99.5</td>`)
	f(math.MaxUint64, 123456.7, `<td class="n">18,446,744,073,709,551,615</td><td class="n">123,457</td>`)
	f(1, -1, `<td class="n">–</td>`)
	f(1, math.NaN(), `<td class="n">–</td>`)
	f(1, math.Inf(1), `<td class="n">–</td>`)
}

func TestHeader(t *testing.T) {
	s := &web.Summary{Instance: "host", Version: "1.0.0", Uptime: 90*time.Second + time.Millisecond, Level: "bad", Health: "lost"}
	has(t, s, `<span class="pill bad">lost</span>`)
	has(t, s, `<span>host</span><span>1.0.0</span><span>up 1m30s</span></span>`)
	s.LastScrape = "last scrape now"
	has(t, s, `<span>last scrape now</span></span>`)
	s.Level = "look"
	has(t, s, `<span class="pill look">`)
	s.Level = "other"
	has(t, s, `<span class="pill ok">`)
}

// Parts without content are left out, except for the metrics, which say that there are none.
func TestEmptyParts(t *testing.T) {
	document := string(web.New().Append(nil, &web.Summary{}))
	for _, part := range []string{"Needs a look", "Rejects"} {
		if strings.Contains(document, part) {
			t.Errorf("the document has the part %s:\n%s", part, document)
		}
	}
	has(t, &web.Summary{}, `No metric yet.`)
	has(t, &web.Summary{Metrics: []web.Metric{{Name: "a"}}, More: 1234}, `<p>and 1,234 more</p>`)
}

// A page may be used from any goroutine.
func TestConcurrentUse(t *testing.T) {
	page := web.New()
	want := page.Append(nil, nil)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if got := page.Append(nil, nil); !bytes.Equal(got, want) {
				t.Errorf("Append = %q, want %q", got, want)
			}
			path := "assets/" + strings.Split(strings.SplitN(string(want), "assets/", 2)[1], `"`)[0]
			if len(page.Asset(path).Gzip()) == 0 {
				t.Errorf("%s is empty when compressed", path)
			}
		})
	}
	group.Wait()
}
