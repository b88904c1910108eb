package main

import (
	"testing"

	"weir/ingest"
)

// The first line of the log says where to send lines, and what to set where only this machine can.
func TestReadySays(t *testing.T) {
	f := func(want string, listeners ...ingest.Listener) {
		t.Helper()
		if got := senders(listeners) + containerHint(listeners); got != want {
			t.Errorf("%v: %q, want %q", listeners, got, want)
		}
	}
	udp, tcp := ingest.Listener{Transport: "udp", Address: "127.0.0.1:9125"}, ingest.Listener{Transport: "tcp", Address: "127.0.0.1:9125"}
	other := ingest.Listener{Transport: "udp", Address: "[::1]:8125"}
	any4, any6 := ingest.Listener{Transport: "udp", Address: "0.0.0.0:1"}, ingest.Listener{Transport: "udp", Address: "[::]:1"}
	lan := ingest.Listener{Transport: "udp", Address: "192.0.2.1:1"}
	path := ingest.Listener{Transport: "unixgram", Address: "/run/weir.sock"}
	f(`127.0.0.1:9125 (udp, tcp), from this machine only (in a container set ingest.udp and ingest.tcp to ":9125")`, udp, tcp)
	f(`127.0.0.1:9125 (udp), [::1]:8125 (udp), from this machine only (in a container set ingest.udp to ":8125")`, udp, other)
	f("port 1 of every interface (udp)", any4, any6)
	f("127.0.0.1:9125 (tcp), port 1 of every interface (udp)", tcp, any4, any6)
	f("192.0.2.1:1 (udp)", lan)
	f("/run/weir.sock (unixgram)", path)
	f(`127.0.0.1:9125 (tcp), /run/weir.sock (unixgram), from this machine only (in a container set ingest.tcp to ":9125")`, tcp, path)
}
