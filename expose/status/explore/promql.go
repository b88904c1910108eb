package explore

import (
	"strconv"

	"weir/aggregate"
	"weir/expose/status/wire"
)

// promQL returns queries to paste for a family.
func promQL(f *aggregate.Family) []wire.Query {
	name := vector(f.Name(), "")
	switch f.Kind() {
	case "counter":
		return []wire.Query{
			{Title: "per second", Query: "sum(rate(" + name + "[5m]))"},
			{Title: "in an hour", Query: "sum(increase(" + name + "[1h]))"},
		}
	case "histogram":
		name = f.Name() // with a suffix it is no word
		return []wire.Query{
			{
				Title: "99th percentile",
				Query: "histogram_quantile(0.99, sum by (le) (rate(" + name + "_bucket[5m])))",
			},
			averageOf(name),
			{Title: "per second", Query: "sum(rate(" + name + "_count[5m]))"},
		}
	case "native":
		rate := "sum(rate(" + name + "[5m]))"
		return []wire.Query{
			{Title: "99th percentile", Query: "histogram_quantile(0.99, " + rate + ")"},
			{Title: "average", Query: "histogram_sum(" + rate + ") / histogram_count(" + rate + ")"},
			{Title: "per second", Query: "histogram_count(" + rate + ")"},
		}
	case "summary":
		name = f.Name()
		queries := []wire.Query{
			averageOf(name), {Title: "per second", Query: "sum(rate(" + name + "_count[5m]))"},
		}
		if all := f.Quantiles(); len(all) > 0 {
			q := strconv.FormatFloat(all[len(all)-1], 'g', -1, 64)
			queries = append(queries, wire.Query{
				Title: "quantile " + q + ", the worst",
				Query: "max(" + vector(name, `quantile="`+q+`"`) + ")",
			})
		}
		return queries
	case "set":
		return []wire.Query{
			{Title: "distinct members", Query: name},
			{Title: "most in an hour", Query: "max_over_time(" + name + "[1h])"},
		}
	case "check":
		return []wire.Query{{Title: "checks that are not ok", Query: name + " > 0"}}
	default:
		return []wire.Query{
			{Title: "now", Query: name},
			{Title: "average", Query: "avg(" + name + ")"},
			{Title: "largest in an hour", Query: "max_over_time(" + name + "[1h])"},
		}
	}
}

// vector returns the selector of a metric, with a matcher or without: by its name, unless that is a word of
// PromQL.
func vector(name, matcher string) string {
	switch lower(name) {
	case "inf", "nan", "atan2", "bool", "on", "ignoring", "group_left", "group_right",
		"fill", "fill_left", "fill_right":
		if matcher != "" {
			matcher = "," + matcher
		}
		return `{__name__="` + name + `"` + matcher + "}"
	default:
		if matcher != "" {
			matcher = "{" + matcher + "}"
		}
		return name + matcher
	}
}

// averageOf returns the query of the average observation.
func averageOf(name string) wire.Query {
	return wire.Query{
		Title: "average", Query: "sum(rate(" + name + "_sum[5m])) / sum(rate(" + name + "_count[5m]))",
	}
}
