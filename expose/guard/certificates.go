package guard

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"weir/internal/mistake"
)

// source is a PEM in a file, or in the configuration itself.
type source struct {
	path string // "" for a PEM in the configuration
	text string

	key   string        // that names the file
	place mistake.Place // where the key was set
}

func (s *source) read() ([]byte, error) {
	if s.path == "" {
		return []byte(s.text), nil
	}
	content, err := os.ReadFile(s.path)
	if err != nil {
		cause := mistake.File(s.path, err).Value
		return nil, &mistake.Mistake{Place: s.place, Path: s.key, Value: strconv.Quote(s.path), Want: cause}
	}
	return content, nil
}

// String names the source in messages.
func (s *source) String() string {
	if s.path == "" {
		return "inline PEM"
	}
	return s.path
}

// tlsSettings are the section tls_server_config, checked.
type tlsSettings struct {
	certificate, key, clientCA source

	clientAuth tls.ClientAuthType
	sans       []string
	min, max   uint16
	ciphers    []uint16
	curves     []tls.CurveID
}

// recheckAfter is how long the certificate files are not looked at again.
const recheckAfter = time.Second

// certificates hold the configuration of TLS as the files are. They notice new files by their content: a
// modification time can stay the same, or go back when a link is set to an older file.
type certificates struct {
	settings *tlsSettings
	log      zerolog.Logger
	now      func() time.Time

	mu sync.Mutex // guards the fields below

	config  *tls.Config
	expires time.Time // when the certificate ends
	content [3][]byte // that config was made of
	checked time.Time
	cause   string         // why new files cannot be used; "" when they can
	warning rate.Sometimes // about the cause
}

// load reads the files. The error has every mistake in it, and then c is as it was.
func (c *certificates) load() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.loadLocked()
}

func (c *certificates) loadLocked() error {
	c.checked = c.now()
	content, err := c.settings.read()
	if err != nil {
		return err
	}
	if c.config != nil && slices.EqualFunc(content[:], c.content[:], bytes.Equal) {
		return nil
	}
	config, err := c.settings.build(content[0], content[1], content[2])
	if err != nil {
		return err
	}
	c.config, c.content, c.expires = config, content, config.Certificates[0].Leaf.NotAfter
	return nil
}

// current returns the configuration for a client that connects. New files that cannot be used change nothing;
// a warning says so, for one cause at most once a minute.
func (c *certificates) current(*tls.ClientHelloInfo) (*tls.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if passed := c.now().Sub(c.checked); passed >= 0 && passed < recheckAfter {
		return c.config, nil
	}
	before := c.config
	err := c.loadLocked()
	switch {
	case err != nil:
		if c.cause != err.Error() {
			c.cause, c.warning = err.Error(), rate.Sometimes{First: 1, Interval: time.Minute}
		}
		c.warning.Do(func() {
			c.log.Error().Err(err).Msg("the TLS files changed and cannot be used; the old ones stay in use")
		})
	case c.config != before:
		c.log.Info().Time("expires", c.expires).Msg("the TLS files changed and are in use")
		c.cause = ""
	default:
		c.cause = ""
	}
	return c.config, nil
}

// expiry returns when the certificate ends.
func (c *certificates) expiry() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.expires
}

// files returns the paths of the files.
func (s *tlsSettings) files() (paths []string) {
	for _, from := range []*source{&s.certificate, &s.key, &s.clientCA} {
		if from.path != "" {
			paths = append(paths, from.path)
		}
	}
	return paths
}

// read reads the files. The error names all that cannot be read.
func (s *tlsSettings) read() (content [3][]byte, err error) {
	var errs []error
	for i, from := range []*source{&s.certificate, &s.key, &s.clientCA} {
		var err error
		content[i], err = from.read()
		errs = append(errs, err)
	}
	return content, errors.Join(errs...)
}

// build makes a configuration of the content of the files. HTTP/2 is not offered. Sessions are not resumed:
// a scraper keeps its connection, and a client must not come back by the word of an older CA.
func (s *tlsSettings) build(certificate, key, clientCA []byte) (*tls.Config, error) {
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w", &s.certificate, &s.key, err)
	}
	config := &tls.Config{
		Certificates:           []tls.Certificate{pair},
		ClientAuth:             s.clientAuth,
		MinVersion:             s.min,
		MaxVersion:             s.max,
		CipherSuites:           s.ciphers,
		CurvePreferences:       s.curves,
		SessionTicketsDisabled: true,
	}
	if len(clientCA) > 0 || s.clientCA.path != "" {
		config.ClientCAs = x509.NewCertPool()
		if !config.ClientCAs.AppendCertsFromPEM(clientCA) {
			return nil, fmt.Errorf("%s: no certificate in it: want PEM", &s.clientCA)
		}
	}
	if len(s.sans) > 0 {
		config.VerifyConnection = s.verifySANs
	}
	return config, nil
}

// verifySANs refuses a client whose certificate is for none of the names that are allowed. A client without a
// certificate is here only when it need not have one.
func (s *tlsSettings) verifySANs(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return nil
	}
	leaf := state.PeerCertificates[0]
	names := slices.Concat(leaf.DNSNames, leaf.EmailAddresses)
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	for _, uri := range leaf.URIs {
		names = append(names, uri.String())
	}
	if !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(s.sans, name) }) {
		return errors.New("the client's certificate is for none of client_allowed_sans")
	}
	return nil
}
