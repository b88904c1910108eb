// Package guardtest makes certificates for the tests of packages that speak TLS. It stands beside the
// straight line: only tests import it. An [Authority] belongs to one test; it keeps its key in memory and
// writes no file.
//
//	ca := guardtest.NewAuthority(t)
//	certificate, key := ca.Issue(t, "localhost", "127.0.0.1")
package guardtest
