package status

import (
	"net/http"
	"time"

	"weir/expose/status/wire"
)

// maxWait is the longest that a question may wait for its answer.
const maxWait = 2 * time.Second

// maxExplained is the most bytes of lines that are explained at once.
const maxExplained = 8 << 10

// get returns a route that answers GET, by asking a source.
func get(path string, answer func(*call) (any, error)) Route {
	return Route{Path: path, Method: http.MethodGet, answer: answer}
}

// routes are all paths of the API.
var routes = []Route{
	get("status", func(c *call) (any, error) {
		since := c.number("since")
		return ask(c, c.sources.Status,
			func(s func(uint64) wire.Status) (wire.Status, error) { return s(since), nil })
	}),
	get("status/buildinfo", func(c *call) (any, error) { return c.sources.Build, c.err() }),
	get("status/tsdb", func(c *call) (any, error) {
		limit := c.limit(10)
		return ask(c, c.sources.Explorer, func(e Explorer) (wire.TSDB, error) { return e.TSDB(limit) })
	}),
	get("families", func(c *call) (any, error) {
		q := wire.FamiliesQuery{
			Match: c.text("match"), Type: c.text("type"),
			Sort:  c.choice("sort", wire.FamilySorts),
			Limit: c.limit(wire.DefaultLimit), After: c.text("after"), HasOwn: c.flag("own"),
		}
		return ask(c, c.sources.Explorer, func(e Explorer) (wire.Families, error) { return e.Families(q) })
	}),
	get("families/", func(c *call) (any, error) {
		q := wire.FamilyQuery{
			Name: c.name, Format: c.choice("format", wire.Formats), Limit: c.limit(100),
			After: c.text("after"),
		}
		return ask(c, c.sources.Explorer, func(e Explorer) (wire.FamilyDetail, error) { return e.Family(q) })
	}),
	get("series", func(c *call) (any, error) {
		q := wire.SeriesQuery{
			Match: c.text("match"), Family: c.text("family"), Limit: c.limit(wire.DefaultLimit),
			After: c.text("after"),
		}
		return ask(c, c.sources.Explorer, func(e Explorer) (wire.SeriesList, error) { return e.Series(q) })
	}),
	get("labels", func(c *call) (any, error) {
		q := wire.LabelsQuery{Sort: c.choice("sort", wire.LabelSorts), Limit: c.limit(20)}
		return ask(c, c.sources.Explorer, func(e Explorer) (wire.Labels, error) { return e.Labels(q) })
	}),
	get("rejects", func(c *call) (any, error) {
		q := wire.RejectsQuery{
			Since: c.number("since"), Reason: c.text("reason"), Limit: c.limit(wire.DefaultLimit),
		}
		return ask(c, c.sources.Lines,
			func(l Lines) (wire.Rejects, error) { return l.Rejects(q, time.Now()), nil })
	}),
	get("tail", func(c *call) (any, error) {
		q := wire.TailQuery{
			Since: c.number("since"), Match: c.text("match"), Sender: c.text("sender"),
			Rejected: c.flag("rejected"), Limit: c.limit(wire.DefaultLimit),
			Wait: c.duration("wait", maxWait),
		}
		return ask(c, c.sources.Lines, func(l Lines) (wire.Tail, error) { return l.Tail(c.ctx, q) })
	}),
	get("senders", func(c *call) (any, error) {
		q := wire.SendersQuery{
			Sort:  c.choice("sort", wire.SenderSorts),
			Limit: c.limit(wire.DefaultLimit), After: c.text("after"),
		}
		return ask(c, c.sources.Lines, func(l Lines) (wire.Senders, error) { return l.Senders(q) })
	}),
	get("listeners", func(c *call) (any, error) { return askPlain(c, c.sources.Listeners) }),
	get("scrapers", func(c *call) (any, error) { return askPlain(c, c.sources.Scrapers) }),
	get("config", func(c *call) (any, error) { return askPlain(c, c.sources.Config) }),
	get("rules", func(c *call) (any, error) { return askPlain(c, c.sources.Rules) }),
	{
		Path: "explain", Method: http.MethodPost, HasBody: true,
		answer: func(c *call) (any, error) {
			var q wire.ExplainQuery
			c.readBody(&q)
			if len(q.Line) > maxExplained {
				return nil, badData("line: want at most %d bytes", maxExplained)
			}
			return ask(c, c.sources.Explain,
				func(s func(string) (wire.Explained, error)) (wire.Explained, error) { return s(q.Line) })
		},
	},
	{
		Path: "series/delete", Method: http.MethodPost, IsAdmin: true,
		answer: func(c *call) (any, error) {
			q := wire.DeleteQuery{Match: c.texts("match"), Who: c.who, From: c.from}
			if len(q.Match) == 0 {
				c.refuse("match", "", `a selector such as requests{user="7"}; repeat it for several`)
			}
			if !c.sources.CanDelete {
				return nil, &wire.Error{
					Type: wire.Forbidden, Text: "deleting is off; endpoint.lifecycle: true opens it",
				}
			}
			return ask(c, c.sources.Explorer,
				func(e Explorer) (wire.Deleted, error) { return e.Delete(q) })
		},
	},
}

// ask returns the answer of a source, once the parameters are right.
func ask[S, A any](c *call, source S, question func(S) (A, error)) (any, error) {
	if err := c.err(); err != nil {
		return nil, err
	}
	if isNil(source) {
		return nil, &wire.Error{Type: wire.Unavailable, Text: "this part of weir is not ready to answer"}
	}
	answer, err := question(source)
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// askPlain is ask for a source without parameters.
func askPlain[A any](c *call, source func() A) (any, error) {
	return ask(c, source, func(s func() A) (A, error) { return s(), nil })
}
