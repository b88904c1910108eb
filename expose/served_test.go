package expose_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"weir/aggregate"
	"weir/expose"
)

// serveNew starts a server whose new counters are 0 until a scrape got that, and for as long as hold.
func serveNew(t *testing.T, hold time.Duration, change func(*expose.Options)) *target {
	t.Helper()
	x := prepareWith(t, func(o *aggregate.Options) {
		o.Series.CounterBirth, o.Series.Hold = aggregate.BirthZero, hold
	}, nothing, expose.Observers{}, change)
	x.start(t)
	return x
}

// expect gets the exposition, or a selection of it, and looks for a line.
func (x *target) expect(t *testing.T, what, query, line string, header ...string) {
	t.Helper()
	response, body := x.do(t, "GET", "/metrics"+query, header...)
	if response.StatusCode != http.StatusOK || !strings.Contains("\n"+body, "\n"+line+"\n") {
		t.Errorf("%s: GET /metrics%s = %d without %q: %.300q", what, query, response.StatusCode, line, body)
	}
}

var withCaches = map[string]func(*expose.Options){
	"without cache": nil,
	"cached":        func(o *expose.Options) { o.Cache = expose.Cache{Enabled: true, MaxSize: 1 << 30} },
	"partly cached": func(o *expose.Options) { o.Cache = expose.Cache{Enabled: true, MaxSize: 1 << 10} },
}

const asOpenMetrics = "application/openmetrics-text;version=1.0.0"

// Only a whole GET counts as a scrape: no HEAD, no response that was cut, no route beside the exposition.
func TestOnlyAWholeGetEndsZero(t *testing.T) {
	for name, change := range withCaches {
		x := serveNew(t, 0, change)
		x.record(t, "new:3|c")
		x.do(t, "HEAD", "/metrics")
		x.do(t, "GET", "/health")
		x.do(t, "POST", "/metrics")
		x.do(t, "GET", "/metrics?name[]=other")
		_ = x.stall(t).Close()
		x.until(t, "cut", func(s expose.Stats) bool { return s.Aborted == 1 && s.InFlight == 0 })
		x.expect(t, name+", first", "", "new 0")
		x.expect(t, name+", second", "", "new 3")
		x.record(t, "new:1|c")
		x.expect(t, name+", third", "", "new 4")
	}
}

// While series.hold lasts, every scraper sees 0 first.
func TestEveryScraperSeesZeroWhileItIsHeld(t *testing.T) {
	for name, change := range withCaches {
		x := serveNew(t, time.Minute, change)
		now := time.Now()
		x.registry.Tick(now)
		x.record(t, "new:3|c")
		x.expect(t, name+", one scraper", "", "new 0")
		x.expect(t, name+", the other", "", "new 0.0", "Accept", asOpenMetrics)
		x.registry.Tick(now.Add(2 * time.Minute))
		x.expect(t, name+", one scraper later", "", "new 3")
		x.expect(t, name+", the other later", "", "new 3.0", "Accept", asOpenMetrics)
		x.record(t, "late:5|c") // no scrape while it is held: it stays 0 for the first
		x.registry.Tick(now.Add(9 * time.Minute))
		x.expect(t, name+", late", "", "late 0")
		x.expect(t, name+", late", "", "late 5")
	}
}

// A scrape of some families ends nothing in the others.
func TestSelectionEndsZeroOfItsFamilies(t *testing.T) {
	for name, change := range withCaches {
		x := serveNew(t, 0, change)
		x.record(t, "a:3|c", "b:4|c")
		x.expect(t, name, "?name[]=a", "a 0")
		x.expect(t, name, "?name[]=a", "a 3")
		x.expect(t, name, "", "b 0")
		x.expect(t, name, "", "b 4")
	}
}

// A shared exposition that is older than a series ends nothing of it, in any format.
func TestOlderExpositionEndsNothing(t *testing.T) {
	x := serveNew(t, 0, func(o *expose.Options) {
		o.Cache = expose.Cache{Enabled: true, TTL: time.Minute, MaxSize: 1 << 30}
	})
	openMetrics := append([]string{"Accept", asOpenMetrics}, asScraper...)
	x.record(t, "old:1|c")
	x.expect(t, "collected", "", "old 0.0", openMetrics...)
	x.record(t, "new:3|c")
	x.expect(t, "shared", "", "old 0.0", openMetrics...)
	x.expect(t, "shared, another format", "", "old 0", asScraper...)
	x.expect(t, "a person", "", "new 0")
	x.expect(t, "shared with the person", "", "old 1", asScraper...)
	x.expect(t, "shared with the person", "", "new 0.0", openMetrics...)
	x.expect(t, "a person, later", "", "new 3")
}
