// Package production runs the checks before production: the work of weir check --production. It stands beside
// the straight line and uses all of it: each check judges the configuration, or starts weir's parts as that
// configuration wants them, on a free port of loopback with a registry of their own, and measures them.
//
//	Run       runs the twelve checks on a configuration
//	Result    what one check found: a figure, and what to change if it failed
//	Print     writes results for people; WriteJSON for programs
//
// The checks are about performance (an increment, a large exposition, gzip, the cache), security (labels, the
// rate limit, authentication), reliability (limits, what happens at a limit, the timeout of a scrape) and
// observability (self-metrics, the log). The figures of performance hold for this machine at this moment:
// another program that takes the processors can make a check fail.
//
// # Who may call what
//
// cmd/weir calls it, from any goroutine. Run starts goroutines that serve HTTP and read lines, and ends them
// before it returns. It touches no file except the files that the configuration names for authentication.
//
// # Memory model
//
// Each check has parts of its own, which end with it. Nothing is shared between two calls of Run.
package production
