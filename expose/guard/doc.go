// Package guard decides who may use weir's HTTP endpoint. It stands before the line "response" of weir's
// straight line: expose asks it about every request, and it wraps the listener in TLS.
//
// There are two ways in, and either is enough: a bearer token (the section authentication: a file of hashed
// tokens, JSON Web Tokens, or both) and a user with a password (basic_auth_users in a Prometheus web
// configuration file, which also says how TLS is spoken and which headers responses have).
//
// Everything that comes from files is one state. [Guard.Load] reads a whole new one and replaces the old one,
// or returns every mistake and changes nothing. Certificates are also read again, at most once a second, when
// a client connects, so that whoever renews them need not tell weir.
//
// # What an attacker may cost
//
// Comparing a token with hashes of 256 bits, or checking the signature of a JWT, costs microseconds. bcrypt
// is slow by intent, so it is rationed: see passwords. Whoever has been let in is remembered, and is not
// touched by a flood of those who guess.
//
// # Who may call what
//
// A [Guard] may be used from any goroutine. Load comes before everything else. The package knows no HTTP
// library; it is given the values of headers. It never logs, returns or keeps a secret as it was sent.
//
//	g := guard.New(options, "web.yaml", log)
//	if err := g.Load(); err != nil {
//		return err // every mistake in every file, one per line
//	}
//	listener = g.Listener(listener)
//	verdict := g.Authorize([][]byte{[]byte("Bearer secret")}, client)
package guard
