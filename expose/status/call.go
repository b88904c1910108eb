package status

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/expose/status/wire"
)

// call is one question. Its methods read parameters and keep the first mistake, which err returns. Values
// that they return after a mistake are of no use.
type call struct {
	ctx     context.Context
	sources *Sources
	name    string // behind a route that ends in '/'
	query   url.Values
	body    []byte
	who     string
	from    string

	known   []string // parameters that were asked for
	mistake error
}

// newCall reads a request. The query must be well-formed.
func newCall(ctx context.Context, a *API, route *Route, r *Request) (*call, error) {
	query, err := url.ParseQuery(r.Query)
	if err != nil {
		return nil, badData("the query cannot be read: %v", err)
	}
	name := ""
	if strings.HasSuffix(route.Path, "/") {
		name = strings.TrimPrefix(r.Path, Root+route.Path)
	}
	return &call{
		ctx: ctx, sources: &a.sources, name: name, query: query, body: r.Body, who: r.Who, from: r.From,
	}, nil
}

func badData(format string, args ...any) error {
	return &wire.Error{Type: wire.BadData, Text: fmt.Sprintf(format, args...)}
}

// err returns the first mistake in the parameters; one that nobody asked for is a mistake, too. Call it
// behind the last parameter.
func (c *call) err() error {
	if c.mistake != nil {
		return c.mistake
	}
	for name := range c.query {
		if !slices.Contains(c.known, name) {
			return badData("%q is no parameter here: want %s",
				name, cmp.Or(strings.Join(c.known, ", "), "none"))
		}
	}
	return nil
}

// refuse keeps the first mistake.
func (c *call) refuse(name, value, want string) {
	if c.mistake == nil {
		c.mistake = badData("%s: %q: want %s", name, value, want)
	}
}

// text returns a parameter; empty when it is not there. A parameter that stands twice is a mistake.
func (c *call) text(name string) string {
	c.known = append(c.known, name)
	values := c.query[name]
	if len(values) > 1 {
		c.refuse(name, values[1], "it once")
	}
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// texts returns all values of a parameter.
func (c *call) texts(name string) []string {
	c.known = append(c.known, name)
	return c.query[name]
}

// choice returns a parameter that is one of a list, whose first is the default.
func (c *call) choice(name string, list []string) string {
	value := cmp.Or(c.text(name), list[0])
	if !slices.Contains(list, value) {
		c.refuse(name, value, strings.Join(list, ", "))
	}
	return value
}

// limit returns how many items the answer may have.
func (c *call) limit(usual int) int {
	value := c.text("limit")
	if value == "" {
		return usual
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > wire.MaxLimit {
		c.refuse("limit", value, fmt.Sprintf("1 to %d", wire.MaxLimit))
	}
	return n
}

// number returns a parameter that counts; 0 when it is not there.
func (c *call) number(name string) uint64 {
	value := c.text(name)
	if value == "" {
		return 0
	}
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		c.refuse(name, value, "the number of an answer")
	}
	return n
}

// flag returns a parameter that is 1 or 0.
func (c *call) flag(name string) bool {
	value := cmp.Or(c.text(name), "0")
	is, err := strconv.ParseBool(value)
	if err != nil {
		c.refuse(name, value, "1 or 0")
	}
	return is
}

// duration returns a parameter that is a time to wait; 0 when it is not there.
func (c *call) duration(name string, most time.Duration) time.Duration {
	value := cmp.Or(c.text(name), "0s")
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 || d > most {
		c.refuse(name, value, fmt.Sprintf("0s to %v", most))
	}
	return d
}

// readBody reads the body, which is one JSON value without fields that are not known.
func (c *call) readBody(into any) {
	decoder := json.NewDecoder(strings.NewReader(string(c.body)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil && c.mistake == nil {
		c.mistake = badData("the body: %v", err)
	}
	if decoder.More() && c.mistake == nil {
		c.mistake = badData("the body: want one JSON value")
	}
}
