// Package mapping reads mapping rules, in the format of statsd_exporter, and applies them: the step between
// "sample" and "series" of weir's straight line, taken when a series is created.
//
//	mappings:
//	- match: "web.*.requests"        web.shop.requests:1|c
//	  name: web_requests_total       -> web_requests_total{site="shop"}
//	  labels: {site: "$1"}
//
// A file is compiled once, by [Parse], into [Rules] that never change and that any goroutine may use. Each
// goroutine that matches has a [Matcher] of its own:
//
//	rules, err := mapping.Parse(path, content)
//	matcher := rules.NewMatcher()
//	if result := matcher.Match([]byte("web.shop.requests"), mapping.TypeCounter, nil); result != nil {
//		// result.Name is "web_requests_total", result.Labels is {site, shop}
//	}
//
// # Which rule wins
//
// A glob has one segment for each of the name's; a star stands for any bytes except a dot. The first glob of
// the file that matches wins; when none does, the first regular expression. With glob_disable_ordering the
// most specific glob wins instead, and with match_order: file the first rule, whatever it is.
//
// # What differs from statsd_exporter v0.31.0
//
// Rules that work there work the same here. Rules that it loads but cannot use, such as rules with falling
// buckets, are mistakes. Its known bugs are not kept: the order of rules of which one is the start of the
// other, the search without ordering, captures in place of literal stars, "%" and "$10" in templates. Stars
// within segments, except, match_tags, label_map, drop_labels, max_label_values, init, static_labels and
// match_order are extensions.
//
// # Labels with too many values
//
// With max_label_values a label takes only so many values: the values that come first keep their names, all
// later values become "other". Under defaults the rules of the file share the limit, so that a value has one
// name in all their series; a rule that names the label itself has a limit of its own. Package aggregate
// remembers the values.
//
//	defaults:
//	  max_label_values: {model: 200}
//
// # Who may call what
//
// Package aggregate matches samples, config reads the files, and cmd/weir explains matches. Any goroutine may
// use [Rules]; a [Matcher] belongs to one.
//
// # Memory model
//
// Rules do not change after [Parse]. What a Matcher returns is valid until its next call.
package mapping
