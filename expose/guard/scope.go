package guard

import (
	"slices"

	"weir/internal/mistake"
)

// Scope is what a request is for, and so what its credentials must allow.
type Scope uint8

// The scopes.
const (
	// ScopeMetrics is to read the exposition.
	ScopeMetrics Scope = iota
	// ScopeStatus is to read the status page and the API.
	ScopeStatus
	// ScopeAdmin is to change something, or to look into the process: reload, quit, delete, profiles.
	ScopeAdmin
)

// Scopes are the names that the scopes have in tokens.
type Scopes struct {
	// Metrics and Status may be empty: then any valid token will do.
	Metrics string `koanf:"metrics"`
	Status  string `koanf:"status"`
	Admin   string `koanf:"admin"`
}

// name returns the name of a scope.
func (s *Scopes) name(x Scope) string { return [...]string{s.Metrics, s.Status, s.Admin}[x] }

// check adds the mistakes in s to m.
func (s *Scopes) check(m *mistake.List) {
	const want = `want visible ASCII without blanks, '"' and '\', like `
	m.Check(s.Metrics == "" || isScope(s.Metrics), "scopes.metrics", s.Metrics, want+"metrics:read")
	m.Check(s.Status == "" || isScope(s.Status), "scopes.status", s.Status, want+"status:read")
	m.Check(isScope(s.Admin), "scopes.admin", s.Admin,
		want+"admin; every valid token would be an administrator's")
	m.Check(s.Admin != s.Metrics && s.Admin != s.Status, "scopes.admin", s.Admin,
		"want another scope than scopes.metrics and scopes.status: whoever reads metrics could stop weir")
}

// judgePerson decides whether a user, or the owner of a client certificate, may do what a scope allows.
// People may read everything, and only those in Options.Admins may change anything.
func (o *Options) judgePerson(name string, scope Scope) Verdict {
	if scope == ScopeAdmin && !slices.Contains(o.Admins, name) {
		return Verdict{ReasonScope, name}
	}
	return Verdict{ReasonNone, name}
}
