// Package maptest runs the tests of mapping rules: the work of weir map test. It stands beside the straight
// line and walks along it from "line" to "snapshot", without sockets and scrapes.
//
//	file of tests   Read         a Suite, or every mistake in the file, by line
//	lines           Suite.Run    decoded, mapped and recorded as weir does it, by the same code
//	snapshot        Suite.Run    compared with what the test wants
//
// A test has lines, and wants series with their values and words:
//
//	mapping: rules.yaml
//	tests:
//	- name: counters add up by site
//	  lines: ["web.shop.hits:1|c", "web.shop.hits:2|c"]
//	  want: ['web_hits{site="shop"} 3']
//	- name: noise is dropped
//	  lines: ["noise.x:1|c"]
//	  want: [dropped]
//
// Each test has a registry of its own, so tests can be run in any order and see nothing of each other. A test
// must want every series that a rule creates: a rule that creates one too many fails it. The buckets of a
// histogram, the quantiles of a summary, and series that no rule creates may be left out.
//
// # Who may call what
//
// cmd/weir calls it. A Suite does not change after Read; Run may be called again, with another configuration,
// and by several goroutines. It opens nothing except the file of tests.
//
// # Memory model
//
// A Suite is immutable. Each test has a registry of its own, so tests share nothing.
package maptest
