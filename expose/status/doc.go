// Package status is /api/v1: it reads questions, asks the parts of weir that know the answers, and writes
// JSON in the envelope of Prometheus's API. It stands beside the line "response" of weir's straight line, and
// knows no HTTP library: package expose gives it requests that were admitted.
//
//	API.Answer   a request, and the response
//	API.Find     which route a path is: whether it changes anything, and which methods it has
//	Access       who may ask while no authentication is configured
//
// # Important names
//
// [API], [New], [Sources], [Request], [Response], [Access].
//
// # Who may call what
//
// Package expose calls API.Answer from any goroutine. The sources, which package main gives, must allow that.
// This package imports only the types of the answers (wire) and of the page (web), no part of weir that
// answers.
//
// # Memory model
//
// An API does not change after New. Requests share nothing.
package status
