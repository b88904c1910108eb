package relay

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// TLS says how targets with tls:// are trusted, and what weir shows them. The files are read again for each
// connection, so that a renewed certificate needs no restart.
type TLS struct {
	// CAFile has the certificates, in PEM, that sign those of the targets; empty: those of the system.
	CAFile string `koanf:"ca_file"`
	// ServerName is the name that the certificates of the targets must have; empty: the host of each target.
	ServerName string `koanf:"server_name"`
	// CertFile and KeyFile are weir's own certificate and key, in PEM, for targets that ask for one; both
	// empty: none.
	CertFile string `koanf:"cert_file"`
	KeyFile  string `koanf:"key_file"`
}

// Check reads the files and returns what is wrong with them.
func (t *TLS) Check() error {
	_, err := t.config("")
	return err
}

// config returns the configuration of a connection to a host.
func (t *TLS) config(host string) (*tls.Config, error) {
	c := &tls.Config{
		ServerName: host, MinVersion: tls.VersionTLS12,
		// A write of a stream is one record, so that a record never ends in the middle of a line.
		DynamicRecordSizingDisabled: true,
	}
	if t.ServerName != "" {
		c.ServerName = t.ServerName
	}
	if t.CAFile != "" {
		text, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("ingest.relay_tls.ca_file: %w", err)
		}
		if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(text) {
			return nil, errors.New("ingest.relay_tls.ca_file: " + t.CAFile + " has no certificate in PEM")
		}
	}
	if t.CertFile != "" {
		own, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("ingest.relay_tls.cert_file and key_file: %w", err)
		}
		c.Certificates = []tls.Certificate{own}
	}
	return c, nil
}
