package guard

import (
	"crypto/tls"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Header is a header that every response has.
type Header struct{ Name, Value string }

// webConfig is what a Prometheus web configuration file says. Its keys and their meaning are those of
// prometheus/exporter-toolkit, docs/web-configuration.md; but
//   - rate_limit is refused, because weir has rate_limiting,
//   - http2 is accepted, and never offered,
//   - what would let everybody in by mistake is refused: client_allowed_sans, or a client_auth_type that
//     verifies, without a CA to verify with.
type webConfig struct {
	tls     *tlsSettings // nil: plain HTTP
	headers []Header
	users   *users // nil: no basic authentication
}

// headerValues are the headers that may be set, with the values that each may have; nil means any.
var headerValues = map[string][]string{
	"Strict-Transport-Security": nil,
	"X-Content-Type-Options":    {"nosniff"},
	"X-Frame-Options":           {"deny", "sameorigin"},
	"X-XSS-Protection":          nil,
	"Content-Security-Policy":   nil,
}

// loadWebConfig reads a web configuration file; "" gives an empty one. Other files are looked for beside it,
// and not read yet. The error has every mistake in it.
func loadWebConfig(path string) (*webConfig, error) {
	w := &webConfig{}
	if path == "" {
		return w, nil
	}
	d := &document{path: path}
	root := d.read()
	if root == nil {
		return w, d.err()
	}
	d.section("", root, map[string]field{
		"tls_server_config":  func(path string, n *yaml.Node) { w.tls = d.tlsSettings(path, n) },
		"http_server_config": func(path string, n *yaml.Node) { w.headers = d.httpSettings(path, n) },
		"basic_auth_users":   func(path string, n *yaml.Node) { w.users = d.users(path, n) },
		"rate_limit": func(path string, n *yaml.Node) {
			d.refuse(n, path, "not supported here: use rate_limiting in weir's own configuration")
		},
	})
	return w, d.err()
}

// httpSettings reads the section http_server_config.
func (d *document) httpSettings(path string, n *yaml.Node) (headers []Header) {
	known := make(map[string]field)
	for name, allowed := range headerValues {
		known[name] = func(path string, n *yaml.Node) {
			value, ok := d.text(path, n)
			switch {
			case !ok:
			case allowed != nil && !slices.Contains(allowed, value):
				d.refuse(n, path, "%.60q: want %s", value, strings.Join(allowed, " or "))
			case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r >= 0x7f }):
				d.refuse(n, path, "%.60q: want visible ASCII", value)
			default:
				headers = append(headers, Header{name, value})
			}
		}
	}
	d.section(path, n, map[string]field{
		"http2":   d.boolean, // of no effect here
		"headers": func(path string, n *yaml.Node) { d.section(path, n, known) },
	})
	return headers
}

// tlsSettings reads the section tls_server_config; nil when it is empty.
func (d *document) tlsSettings(path string, n *yaml.Node) *tlsSettings {
	s := &tlsSettings{min: tls.VersionTLS12, max: tls.VersionTLS13}
	given := d.section(path, n, map[string]field{
		"cert_file":      d.setFile(&s.certificate.path),
		"key_file":       d.setFile(&s.key.path),
		"client_ca_file": d.setFile(&s.clientCA.path),
		"cert":           d.setText(&s.certificate.text),
		"key":            d.setText(&s.key.text),
		"client_ca":      d.setText(&s.clientCA.text),

		"client_allowed_sans": func(path string, n *yaml.Node) { s.sans = d.texts(path, n) },
		"client_auth_type":    setChoice(d, &s.clientAuth, clientAuthTypes),
		"min_version":         setChoice(d, &s.min, tlsVersions),
		"max_version":         setChoice(d, &s.max, tlsVersions),
		"cipher_suites":       setChoices(d, &s.ciphers, cipherSuites()),
		"curve_preferences":   setChoices(d, &s.curves, curves),

		"prefer_server_cipher_suites": d.boolean, // of no effect in Go
	})
	if len(given) == 0 {
		return nil
	}
	d.checkTLS(path, n, s, given)
	return s
}

// checkTLS refuses settings that contradict each other, or leave out what they need.
func (d *document) checkTLS(path string, n *yaml.Node, s *tlsSettings, given map[string]bool) {
	for _, pair := range [][2]string{{"cert_file", "cert"}, {"key_file", "key"}} {
		if given[pair[0]] == given[pair[1]] {
			d.refuse(n, path, "want one of %s and %s", pair[0], pair[1])
		}
	}
	verifies := s.clientAuth >= tls.VerifyClientCertIfGiven
	hasCA := given["client_ca_file"] || given["client_ca"]
	switch {
	case given["client_ca_file"] && given["client_ca"]:
		d.refuse(n, path, "want one of client_ca_file and client_ca")
	case hasCA && s.clientAuth == tls.NoClientCert:
		d.refuse(n, path, "client_auth_type: missing: the CA of clients is of use with "+
			"RequireAndVerifyClientCert or VerifyClientCertIfGiven")
	case verifies && !hasCA:
		d.refuse(n, path, "client_ca_file: missing: client_auth_type verifies with it")
	case len(s.sans) > 0 && !verifies:
		d.refuse(n, path, "client_allowed_sans: want client_auth_type: RequireAndVerifyClientCert with it")
	}
	if s.min > s.max {
		d.refuse(n, path, "min_version: is above max_version")
	}
}

// setFile returns what puts a path into target; it is relative to the directory of the document.
func (d *document) setFile(target *string) field {
	return func(path string, n *yaml.Node) {
		text, ok := d.text(path, n)
		if ok && !filepath.IsAbs(text) {
			text = filepath.Join(filepath.Dir(d.path), text)
		}
		*target = text
	}
}

// setChoice returns what puts into target what the text of a key stands for.
func setChoice[T any](d *document, target *T, choices map[string]T) field {
	return func(path string, n *yaml.Node) {
		if one, ok := choose(d, path, n, choices); ok {
			*target = one
		}
	}
}

// setChoices is setChoice for a list.
func setChoices[T any](d *document, target *[]T, choices map[string]T) field {
	return func(path string, n *yaml.Node) {
		d.list(path, n, func(path string, n *yaml.Node) {
			if one, ok := choose(d, path, n, choices); ok {
				*target = append(*target, one)
			}
		})
	}
}

var clientAuthTypes = map[string]tls.ClientAuthType{
	"NoClientCert":               tls.NoClientCert,
	"RequestClientCert":          tls.RequestClientCert,
	"RequireClientCert":          tls.RequireAnyClientCert, // the older spelling
	"RequireAnyClientCert":       tls.RequireAnyClientCert,
	"VerifyClientCertIfGiven":    tls.VerifyClientCertIfGiven,
	"RequireAndVerifyClientCert": tls.RequireAndVerifyClientCert,
}

var tlsVersions = map[string]uint16{
	"TLS10": tls.VersionTLS10, "TLS11": tls.VersionTLS11,
	"TLS12": tls.VersionTLS12, "TLS13": tls.VersionTLS13,
}

var curves = map[string]tls.CurveID{
	"CurveP256": tls.CurveP256, "CurveP384": tls.CurveP384, "CurveP521": tls.CurveP521, "X25519": tls.X25519,
	"X25519MLKEM768": tls.X25519MLKEM768,
}

// cipherSuites are those that Go calls secure, by name.
func cipherSuites() map[string]uint16 {
	all := make(map[string]uint16)
	for _, suite := range tls.CipherSuites() {
		all[suite.Name] = suite.ID
	}
	return all
}
