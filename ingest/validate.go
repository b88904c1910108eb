package ingest

import (
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/ingest/dgram"
	"weir/ingest/relay"
	"weir/internal/mistake"
	"weir/protocol"
)

// Validate returns every mistake in o joined, each a [mistake.Mistake]; nil if o is valid. It resolves no
// name and opens nothing.
func (o *Options) Validate() error {
	m := mistake.List{Section: "ingest"}
	o.checkUnix(&m)
	o.checkTransports(&m)
	for _, a := range o.UDP {
		m.Check(validAddress(a), "udp", a, wantAddress)
	}
	for _, a := range o.TCP {
		m.Check(validAddress(a), "tcp", a, wantAddress)
	}
	m.Check(o.Loops >= 0 && o.Loops <= 256, "loops", o.Loops, "want 0 (one for each processor) to 256")
	m.Check(o.Spread == SpreadFlow || o.Spread == SpreadRandom, "spread", o.Spread,
		"want flow (a sender stays with one loop) or random")
	m.Check(o.ReceiveBuffer >= 0 && o.ReceiveBuffer <= 1<<30, "receive_buffer", o.ReceiveBuffer,
		"want 0 (the system's default) to 1GiB")
	m.Check(o.Coalesce >= 0 && o.Coalesce <= 100*time.Millisecond, "coalesce", o.Coalesce,
		"want 0s (off) to 100ms")
	m.Check(o.MaxDatagram >= 64 && o.MaxDatagram <= 65535, "max_datagram", o.MaxDatagram,
		"want 64B to 65535B")
	m.Check(o.MaxLine >= 64 && o.MaxLine <= 1<<20, "max_line", o.MaxLine, "want 64B to 1MiB")
	m.Check(o.MaxConnections >= 1, "max_connections", o.MaxConnections, "want at least 1")
	m.Check(o.IdleTimeout == 0 || o.IdleTimeout >= time.Second, "idle_timeout", o.IdleTimeout,
		"want 0s (never) or at least 1s")
	o.checkTagging(&m)
	o.checkRelay(&m)
	return m.Err()
}

// checkRelay checks the options of the relay.
func (o *Options) checkRelay(m *mistake.List) {
	const round = ", and lines would go round for ever"
	for _, target := range o.Relay {
		m.Check(relay.ValidTarget(target), "relay", target, relay.WantTarget)
		m.Check(!slices.Contains(o.UDP, strings.TrimPrefix(target, "udp://")), "relay", target,
			"want another server: this is an address in ingest.udp"+round)
		m.Check(!slices.Contains(o.TCP, strings.TrimPrefix(target, "tcp://")), "relay", target,
			"want another server: this is an address in ingest.tcp"+round)
	}
	m.Check(o.RelayLines == RelayAccepted || o.RelayLines == RelayAll, "relay_lines",
		o.RelayLines, "want accepted (lines with a sample that was recorded) or all")
	m.Check(o.RelayDatagram >= 64 && o.RelayDatagram <= relay.MaxDatagramBytes,
		"relay_datagram", o.RelayDatagram, "want 64B to 65507B")
	m.Check((o.RelayTLS.CertFile == "") == (o.RelayTLS.KeyFile == ""), "relay_tls.cert_file",
		o.RelayTLS.CertFile, "want ingest.relay_tls.cert_file and key_file, or neither")
}

// checkTransports checks that at least one transport has an address.
func (o *Options) checkTransports(m *mistake.List) {
	var keys []string
	for _, t := range transports {
		if t.isOn(o) {
			return
		}
		keys = append(keys, "ingest."+t.name)
	}
	m.Add(transports[0].name, "no listener is left",
		"give at least one address here or in "+mistake.Or(keys[1:]))
}

// checkUnix checks the options of unix sockets.
func (o *Options) checkUnix(m *mistake.List) {
	check := func(key, path string) {
		m.Check(len(path) <= dgram.MaxPath, key, path, "want a path of at most 103 bytes")
		m.Check(path != "@", key, path, "want a name behind the @")
		m.Check(!strings.Contains(path, "\x00"), key, path, "want a path without a NUL")
	}
	check("unixgram", o.Unixgram)
	check("unix", o.Unix)
	_, ok := dgram.ParseMode(o.UnixMode)
	m.Check(ok, "unix_mode", o.UnixMode, `want permissions in octal, like "0722"`)
	m.Check(o.Unix == "" || filepath.Clean(o.Unix) != filepath.Clean(o.Unixgram), "unix", o.Unix,
		"want another path than ingest.unixgram")
}

// checkTagging checks the options that say how lines are read.
func (o *Options) checkTagging(m *mistake.List) {
	for _, name := range o.Dialects {
		m.Check(protocol.ParseDialect(name) != 0, "dialects", name,
			"want some of "+strings.Join(protocol.AllDialects.Names(), ", "))
	}
	labels := []string{originContainerID, originPodUID, originContainerName}
	for _, name := range o.OriginLabels {
		m.Check(slices.Contains(labels, name), "origin_labels", name,
			"want some of "+strings.Join(labels, ", "))
	}
	m.Check(o.BareTags == BareTagsLabel || o.BareTags == BareTagsDrop, "bare_tags", o.BareTags,
		`want label (with the value "true") or drop`)
	m.Check(o.BadRates == BadRatesReject || o.BadRates == BadRatesIgnore, "bad_rates", o.BadRates,
		"want reject or ignore (a rate that is 0 or not a number)")
	m.Check(o.GaugeSign == GaugeSignRelative || o.GaugeSign == GaugeSignAbsolute, "gauge_sign",
		o.GaugeSign, "want relative (as in StatsD) or absolute (as in DogStatsD)")
}

const wantAddress = `want "host:port" with a numeric port, like "127.0.0.1:9125"`

func validAddress(addr string) bool {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n <= 65535
}
