package guard

import (
	"crypto/tls"
	"path/filepath"
	"slices"
	"strings"

	"weir/internal/mistake"
	"weir/internal/yamlfile"
)

// Header is a header that every response has.
type Header struct{ Name, Value string }

// webConfig is what a Prometheus web configuration file says. Its keys and their meaning are those of
// prometheus/exporter-toolkit, docs/web-configuration.md, except for these differences:
//   - rate_limit is refused, because weir has rate_limiting;
//   - http2 is accepted, and HTTP/2 is never offered;
//   - settings that would let everybody in by mistake are refused: client_allowed_sans, or a client_auth_type
//     that verifies, without a CA to verify with.
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
	content, err := readFile(path)
	if err != nil {
		return w, err
	}
	document := parse(path, content)
	if root, ok := document.Root(); ok {
		readFields(root, map[string]field{
			"tls_server_config":  func(v yamlfile.Value) { w.tls = readTLS(v, path) },
			"http_server_config": func(v yamlfile.Value) { w.headers = readHTTP(v) },
			"basic_auth_users":   func(v yamlfile.Value) { w.users = readUsers(v) },
			"rate_limit": func(v yamlfile.Value) {
				v.RefuseAs("not supported here", "use rate_limiting in weir's own configuration")
			},
		})
	}
	return w, document.Err()
}

// readHTTP reads the section http_server_config.
func readHTTP(v yamlfile.Value) (headers []Header) {
	known := make(map[string]field)
	for name, allowed := range headerValues {
		known[name] = func(v yamlfile.Value) {
			value, ok := v.Text("want text")
			switch {
			case !ok:
			case allowed != nil && !slices.Contains(allowed, value):
				v.RefuseAs(mistake.Quote(value), "want "+mistake.Or(allowed))
			case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r >= 0x7f }):
				v.RefuseAs(mistake.Quote(value), "want visible ASCII")
			default:
				headers = append(headers, Header{name, value})
			}
		}
	}
	readFields(v, map[string]field{
		"http2":   ignore, // HTTP/2 is never offered
		"headers": func(v yamlfile.Value) { readFields(v, known) },
	})
	return headers
}

// readTLS reads the section tls_server_config of a file; nil when it is empty. Paths are relative to that
// file.
func readTLS(v yamlfile.Value, file string) *tlsSettings {
	s := &tlsSettings{min: tls.VersionTLS12, max: tls.VersionTLS13}
	given := readFields(v, map[string]field{
		"cert_file":      setPath(&s.certificate, file),
		"key_file":       setPath(&s.key, file),
		"client_ca_file": setPath(&s.clientCA, file),
		"cert":           setText(&s.certificate.text),
		"key":            setText(&s.key.text),
		"client_ca":      setText(&s.clientCA.text),

		"client_allowed_sans": setTexts(&s.sans),
		"client_auth_type":    setChoice(&s.clientAuth, clientAuthTypes),
		"min_version":         setChoice(&s.min, tlsVersions),
		"max_version":         setChoice(&s.max, tlsVersions),
		"cipher_suites":       setChoices(&s.ciphers, cipherSuites()),
		"curve_preferences":   setChoices(&s.curves, curves),

		"prefer_server_cipher_suites": ignore, // Go decides
	})
	if len(given) == 0 {
		return nil
	}
	s.check(v, given)
	return s
}

// check refuses settings that contradict each other, or that need others which are missing.
func (s *tlsSettings) check(v yamlfile.Value, given map[string]bool) {
	for _, pair := range [][2]string{{"cert_file", "cert"}, {"key_file", "key"}} {
		if given[pair[0]] == given[pair[1]] {
			v.RefuseAs("", "want one of "+pair[0]+" and "+pair[1])
		}
	}
	verifies := s.clientAuth >= tls.VerifyClientCertIfGiven
	hasCA := given["client_ca_file"] || given["client_ca"]
	switch {
	case given["client_ca_file"] && given["client_ca"]:
		v.RefuseAs("", "want one of client_ca_file and client_ca")
	case hasCA && s.clientAuth == tls.NoClientCert:
		v.RefuseMissing("client_auth_type",
			"the CA of clients is used with RequireAndVerifyClientCert or VerifyClientCertIfGiven")
	case verifies && !hasCA:
		v.RefuseMissing("client_ca_file", "client_auth_type verifies with it")
	case len(s.sans) > 0 && !verifies:
		v.RefuseAs("client_allowed_sans is given",
			"want client_auth_type: RequireAndVerifyClientCert with it")
	}
	if s.min > s.max {
		v.RefuseAs("min_version is above max_version", "want it no higher")
	}
}

// setPath returns the field that puts a path into target; it is relative to the file that gives it.
func setPath(target *source, file string) field {
	return func(v yamlfile.Value) {
		path, ok := v.Text("want text")
		if ok && !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(file), path)
		}
		target.path, target.key, target.place = path, v.Path, mistake.Place{Name: file, Line: v.Line}
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

// cipherSuites are the cipher suites that Go calls secure, by name.
func cipherSuites() map[string]uint16 {
	all := make(map[string]uint16)
	for _, suite := range tls.CipherSuites() {
		all[suite.Name] = suite.ID
	}
	return all
}
