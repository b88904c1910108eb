package ingest_test

import (
	"strings"
	"testing"

	"weir/ingest"
)

func TestValidate_Failure(t *testing.T) {
	f := func(change func(*ingest.Options), want string) {
		t.Helper()
		o := ingest.DefaultOptions()
		change(&o)
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Validate() = %v, want %q in it", err, want)
		}
	}
	f(func(o *ingest.Options) { o.UDP, o.TCP = nil, nil }, "no listener")
	f(func(o *ingest.Options) { o.UDP = []string{"9125"} }, `ingest.udp: "9125"`)
	f(func(o *ingest.Options) { o.TCP = []string{":http"} }, `ingest.tcp: ":http"`)
	f(func(o *ingest.Options) { o.TCP = []string{":65536"} }, `ingest.tcp: ":65536"`)
	f(func(o *ingest.Options) { o.Relay = []string{"http://a:1"} }, `ingest.relay: "http://a:1"`)
	f(func(o *ingest.Options) { o.Relay = []string{"tcp://127.0.0.1:9125"} }, "round for ever")
	f(func(o *ingest.Options) { o.RelayTLS.CertFile = "a" }, `ingest.relay_tls.cert_file: "a"`)
	f(func(o *ingest.Options) { o.RelayTLS.KeyFile = "a" }, `ingest.relay_tls.cert_file: ""`)
	f(func(o *ingest.Options) { o.Relay = []string{"udp://127.0.0.1:9125"} }, "round for ever")
	f(func(o *ingest.Options) { o.RelayLines = "some" }, `ingest.relay_lines: "some"`)
	f(func(o *ingest.Options) { o.Spread = "" }, `ingest.spread: ""`)
	long := "/" + strings.Repeat("x", 103)
	f(func(o *ingest.Options) { o.Unixgram = long }, `ingest.unixgram: "/xxx`)
	f(func(o *ingest.Options) { o.Unix = long }, `ingest.unix: "/xxx`)
	f(func(o *ingest.Options) { o.Unixgram = "@" }, `ingest.unixgram: "@"`)
	f(func(o *ingest.Options) { o.Unix = "@" }, `ingest.unix: "@"`)
	f(func(o *ingest.Options) { o.Unix, o.Unixgram = "/a", "/a" }, `ingest.unix: "/a": want another path`)
	f(func(o *ingest.Options) { o.Unix, o.Unixgram = "/a//b", "/a/b" }, `ingest.unix: "/a//b": want another path`)
	f(func(o *ingest.Options) { o.Unix = "/a\x00" }, `ingest.unix: "/a\x00": want a path without a NUL`)
	f(func(o *ingest.Options) { o.Unixgram = "/a\x00" }, `ingest.unixgram: "/a\x00": want a path without a NUL`)
	f(func(o *ingest.Options) { o.UnixMode = "" }, `ingest.unix_mode: ""`)
	f(func(o *ingest.Options) { o.UnixMode = "0782" }, `ingest.unix_mode: "0782"`)
	f(func(o *ingest.Options) { o.UnixMode = "1777" }, `ingest.unix_mode: "1777"`)
	f(func(o *ingest.Options) { o.GaugeSign = "x" }, `ingest.gauge_sign: "x"`)
	f(func(o *ingest.Options) { o.Dialects = []string{"etsy"} }, `ingest.dialects: "etsy"`)
	f(func(o *ingest.Options) { o.OriginLabels = []string{"pid"} }, `ingest.origin_labels: "pid"`)
	f(func(o *ingest.Options) { o.Loops = 257 }, "ingest.loops: 257")
	f(func(o *ingest.Options) { o.Coalesce = -1 }, "ingest.coalesce")
	f(func(o *ingest.Options) { o.MaxDatagram = 65536 }, "ingest.max_datagram: 64KiB")
	f(func(o *ingest.Options) { o.MaxLine = 1 }, "ingest.max_line: 1B")
	f(func(o *ingest.Options) { o.MaxConnections = 0 }, "ingest.max_connections: 0")
	f(func(o *ingest.Options) { o.IdleTimeout = 1 }, "ingest.idle_timeout: 1ns")
}

func TestValidate_Success(t *testing.T) {
	o := ingest.DefaultOptions()
	if err := o.Validate(); err != nil {
		t.Error(err)
	}
	o.UDP, o.TCP, o.UnixMode = nil, nil, "0777"
	for _, path := range []string{
		"/run/weir.sock", "/a b/ä%41@c", "@weir", "@weir/stream", "a", "./a", "/a?", "/a#1", "/a/../b", "@a#1",
	} {
		o.Unix = path
		if err := o.Validate(); err != nil {
			t.Errorf("%q: %v", path, err)
		}
	}
	o.Unix, o.Unixgram = "", "relative.sock"
	if err := o.Validate(); err != nil {
		t.Error(err)
	}
}
