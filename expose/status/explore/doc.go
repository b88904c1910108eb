// Package explore reads the registry for people: the line "snapshot" of weir's straight line, as the status
// API shows it.
//
//	families  Families  a page of families by name, rate, series, bytes or new series: a heap as long as it
//	family    Family    its series, the lines that a scrape has of them, why it is called so, PromQL
//	series    Series    by a selector, in the order of the snapshot; Delete removes them
//	labels    Labels    which labels have most values, or grow; TSDB the same as Prometheus tells it
//
// Nothing is sorted as a whole, and no answer looks at more than a bounded number of series, except the
// survey behind Labels and TSDB: that visits every series, beside the requests, at most once in ten seconds
// and with 3 % of its time, and only while somebody asks.
//
// # Who may call what
//
// An [Explorer] may be used from any goroutine. Reading changes nothing: it neither serves a scrape nor ends
// counter_birth. Values are offered to the registry before they are returned, as those of any way out.
//
// # Memory model
//
// Answers are new each time. The survey is published as a whole, and does not change afterwards. It keeps
// nothing of the registry alive except a few strings.
//
// The most important names: [Explorer], [New], [Source], [Rates].
package explore
