package guard

import (
	"crypto/tls"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// Guard decides who may use the endpoint.
type Guard struct {
	options   Options
	webConfig string // path of the web configuration file; "" means none
	log       zerolog.Logger
	now       func() time.Time
	passwords *passwords

	state             atomic.Pointer[state] // nil before Load; written by Load
	failures          [reasons + 1]atomic.Uint64
	handshakeFailures atomic.Uint64

	loading sync.Mutex // held by Load, so that the last to begin is not overtaken
}

// state is everything that was read from files. It is replaced, never changed.
type state struct {
	tokens       *tokens       // nil: none
	jwt          *verifier     // nil: none
	users        *users        // nil: no basic authentication
	certificates *certificates // nil: no TLS
	headers      []Header
}

// New returns a guard that has read nothing yet. The options must be valid; webConfig is the path of a
// Prometheus web configuration file, "" for none. It logs what happens to certificates.
func New(o Options, webConfig string, log zerolog.Logger) *Guard {
	return &Guard{options: o, webConfig: webConfig, log: log, now: time.Now, passwords: newPasswords()}
}

// Load reads every file. The error has every mistake in it, one per line, and then nothing has changed.
// Called again, it also refuses what would take protection away from an endpoint that is being served: that
// needs a restart.
func (g *Guard) Load() error {
	g.loading.Lock()
	defer g.loading.Unlock()
	next, err := g.read()
	if err != nil {
		return err
	}
	if before := g.state.Load(); before != nil {
		if err := g.compatible(before, next); err != nil {
			return err
		}
	}
	g.state.Store(next)
	return nil
}

func (g *Guard) read() (*state, error) {
	next, o := &state{}, &g.options
	var tokensErr, jwtErr, tlsErr error
	if o.Enabled && o.TokensFile != "" {
		next.tokens, tokensErr = loadTokens(o.TokensFile)
	}
	if o.Enabled && o.JWT.hasKey() {
		next.jwt, jwtErr = newVerifier(&o.JWT, g.now)
	}
	web, webErr := loadWebConfig(g.webConfig)
	switch {
	case web.tls == nil:
	case webErr != nil: // then the files are read too, so that all mistakes come at once
		_, tlsErr = web.tls.read()
	default:
		next.certificates = &certificates{settings: web.tls, log: g.log, now: g.now}
		tlsErr = next.certificates.load()
	}
	next.users, next.headers = web.users, web.headers
	return next, errors.Join(tokensErr, jwtErr, webErr, tlsErr)
}

func (g *Guard) compatible(before, next *state) error {
	var errs []error
	refuse := func(mistake bool, text string) {
		if mistake {
			errs = append(errs, errors.New(g.webConfig+": "+text+" needs a restart"))
		}
	}
	refuse((before.certificates == nil) != (next.certificates == nil),
		"tls_server_config: to switch TLS on or off")
	refuse(before.users != nil && next.users == nil, "basic_auth_users: to have none any more")
	return errors.Join(errs...)
}

// Files returns the files that Load has read, in the order of the keys that name them.
func (g *Guard) Files() (paths []string) {
	s, o := g.state.Load(), &g.options
	if s == nil {
		return nil
	}
	if s.tokens != nil {
		paths = append(paths, o.TokensFile)
	}
	if s.jwt != nil {
		paths = append(paths, o.JWT.KeyFile+o.JWT.JWKSFile) // Validate allows only one of them
	}
	if g.webConfig != "" {
		paths = append(paths, g.webConfig)
	}
	if s.certificates != nil {
		paths = append(paths, s.certificates.settings.files()...)
	}
	return paths
}

// Asks reports whether requests need credentials. It is true before Load.
func (g *Guard) Asks() bool {
	s := g.state.Load()
	return s == nil || g.options.Enabled || s.users != nil
}

// Protects reports whether a client needs credentials, or a certificate that is verified. It is true before
// Load.
func (g *Guard) Protects() bool {
	if g.Asks() {
		return true
	}
	c := g.state.Load().certificates
	return c != nil && c.settings.clientAuth == tls.RequireAndVerifyClientCert
}

// HasTLS reports whether the endpoint speaks TLS.
func (g *Guard) HasTLS() bool {
	s := g.state.Load()
	return s != nil && s.certificates != nil
}

// Headers returns the headers that every response has. They must not be changed.
func (g *Guard) Headers() []Header {
	if s := g.state.Load(); s != nil {
		return s.headers
	}
	return nil
}

// Authorize decides whether a request of a client, for what a scope allows, is let in, by the values of its
// Authorization headers. It is needed only when Asks. It may wait for two seconds, when bcrypt has much to
// do. Refusals are counted.
func (g *Guard) Authorize(authorizations [][]byte, scope Scope, from netip.Addr) Verdict {
	v := refused(ReasonMissing)
	if s := g.state.Load(); s != nil {
		v = g.judge(s, authorizations, scope, from)
	}
	g.failures[v.Reason].Add(1)
	return v
}

// AuthorizeCertificate decides whether the owner of a client certificate that was verified may do what a
// scope allows. It is needed only when Protects and not Asks. Refusals are counted.
func (g *Guard) AuthorizeCertificate(commonName string, scope Scope) Verdict {
	v := g.options.judgePerson(commonName, scope)
	g.failures[v.Reason].Add(1)
	return v
}

func (g *Guard) judge(s *state, authorizations [][]byte, scope Scope, from netip.Addr) Verdict {
	if len(authorizations) == 0 {
		return refused(ReasonMissing)
	}
	c, ok := parseAuthorization(authorizations[0])
	switch {
	case !ok || len(authorizations) > 1:
		return refused(ReasonMalformed)
	case c.scheme == bearer && g.options.Enabled:
		return g.judgeToken(s, c.secret, scope, from)
	case c.scheme == basic && s.users != nil:
		v := s.users.verdict(g.passwords, c, from)
		if v.Reason == ReasonNone {
			return g.options.judgePerson(v.Name, scope)
		}
		return v
	default:
		return refused(ReasonScheme)
	}
}

// judgeToken looks where it costs least first.
func (g *Guard) judgeToken(s *state, secret []byte, needed Scope, from netip.Addr) Verdict {
	scope := g.options.Scopes.name(needed)
	if s.tokens != nil {
		if k := s.tokens.find(secret); k != nil {
			return k.verdict(scope, g.now())
		}
	}
	if s.jwt != nil && looksLikeJWT(secret) {
		return s.jwt.verdict(secret, scope)
	}
	if s.tokens != nil {
		k, busy := s.tokens.findSlow(g.passwords, secret, from)
		if k != nil {
			return k.verdict(scope, g.now())
		}
		if busy {
			return refused(ReasonBusy)
		}
	}
	return refused(ReasonUnknown)
}

// OpensShell reports whether the page without data is open to all, so that it can ask for a token: a browser
// asks by itself for a password only.
func (g *Guard) OpensShell() bool { return g.options.Enabled }

// Text returns what to tell a client that was refused, without a newline. To one whose credentials are known
// it names the scope that they lack.
func (g *Guard) Text(r Reason, scope Scope) string {
	name := g.options.Scopes.name(scope)
	if r != ReasonScope || name == "" {
		return r.Text()
	}
	text := "the credentials lack the scope " + name + ", which is needed here"
	if scope == ScopeAdmin {
		text += "; users and client certificates have it by authentication.admins"
	}
	return text
}

// Challenges returns the values of the WWW-Authenticate headers that tell a refused client what would let it
// in, by RFC 6750, section 3, and RFC 7617.
func (g *Guard) Challenges(r Reason, scope Scope) []string {
	var all []string
	if g.options.Enabled {
		challenge := `Bearer realm="weir"`
		if code := r.bearerError(); code != "" {
			challenge += `, error="` + code + `", error_description="` + r.Text() + `"`
		}
		if name := g.options.Scopes.name(scope); name != "" {
			challenge += `, scope="` + name + `"`
		}
		all = append(all, challenge)
	}
	if s := g.state.Load(); s != nil && s.users != nil {
		all = append(all, `Basic realm="weir", charset="UTF-8"`)
	}
	return all
}

// Stats are the counts of a guard.
type Stats struct {
	// Failures counts the requests that were not let in, by reason; every reason is there.
	Failures map[string]uint64
	// HandshakeFailures counts the TLS handshakes that failed.
	HandshakeFailures uint64
	// CertificateExpires is when the certificate ends; zero without TLS.
	CertificateExpires time.Time
}

// Stats returns the counts now.
func (g *Guard) Stats() Stats {
	stats := Stats{Failures: make(map[string]uint64, reasons), HandshakeFailures: g.handshakeFailures.Load()}
	for r := ReasonMissing; int(r) <= reasons; r++ {
		stats.Failures[r.String()] = g.failures[r].Load()
	}
	if s := g.state.Load(); s != nil && s.certificates != nil {
		stats.CertificateExpires = s.certificates.expiry()
	}
	return stats
}
