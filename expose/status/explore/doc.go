// Package explore reads the registry for people: the line "snapshot" of weir's straight line, as the status
// API shows it.
//
//	families  Families  a page of families by name, rate, series, bytes or new series: a heap as long as it
//	family    Family    its series, the lines that a scrape has of them, why it is called so, PromQL
//	series    Series    by a selector, in the order of the snapshot; Delete removes them
//	labels    Labels    which labels have most values, or grow; TSDB the same as Prometheus tells it
//
// Families and series are never sorted as a whole. No answer looks at more than a bounded number of series,
// with two exceptions. Delete looks at all series. Labels and TSDB need a survey of all series: it runs
// beside the requests, at most once in ten seconds and for 3 % of the time, and only while somebody asks.
//
// No answer waits long for a snapshot either: with more than 100,000 series it may be of the snapshot before,
// while the next is taken beside the requests.
//
// # Who may call what
//
// An [Explorer] may be used from any goroutine. Reading changes nothing: it neither serves a scrape nor ends
// counter_birth. Values are offered to the registry before they are returned, as every way out does.
//
// # Memory model
//
// Answers are new each time. The survey is published as a whole, and does not change afterwards. Of the
// registry it keeps up to five families of each label alive, and no series.
//
// The most important names: [Explorer], [New], [Source], [Rates], [Fullness].
package explore
