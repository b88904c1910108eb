// Package guardtest makes certificates for the tests of packages that speak TLS. It stands beside the
// straight line: only tests import it.
//
//	ca := guardtest.NewAuthority(t)
//	certificate, key := ca.Issue(t, "localhost", "127.0.0.1")
//
// # Who may call what
//
// An [Authority] belongs to one test.
//
// # Memory model
//
// An Authority keeps its key in memory, and writes no file.
package guardtest
