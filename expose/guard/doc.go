// Package guard decides who may use weir's HTTP endpoint. It stands before the line "response" of weir's
// straight line: expose asks it about every request, and it wraps the listener in TLS.
//
// There are two ways in, and either is enough: a bearer token (the section authentication: a file of hashed
// tokens, JSON Web Tokens, or both) and a user with a password (basic_auth_users in a Prometheus web
// configuration file, which also has the settings of TLS and the headers of responses).
//
// Everything that comes from files is one state. [Guard.Load] reads a whole new state and replaces the old
// one, or returns every mistake and changes nothing. Certificates are also read again when a client connects,
// at most once a second, so that renewed certificates are used without a reload.
//
// # What an attacker may cost
//
// Comparing a token with hashes of 256 bits, or checking the signature of a JWT, costs microseconds. bcrypt
// is slow by intent, so it is rationed: see passwords. Clients that were let in are remembered, so that a
// flood of guesses does not keep them out.
//
// # Who may call what
//
// A [Guard] may be used from any goroutine. [Guard.Load] must be called before the other methods. The package
// knows no HTTP library; it is given the values of headers. It never logs, returns or keeps a secret as it
// was sent.
//
// # Memory model
//
// The state is replaced as a whole by an atomic pointer; requests never wait for a reload. Mutexes guard the
// remembered passwords and the certificates, for moments.
//
// The most important names are [Options], [Guard] with its methods Load, Listener, Authorize and Challenges,
// [Verdict] and [Reason].
package guard
