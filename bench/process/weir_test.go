package process

import (
	"slices"
	"testing"
)

func TestAnnounced(t *testing.T) {
	f := func(line string, want Addresses, isReady bool) {
		t.Helper()
		if got, is := announced(line); got != want || is != isReady {
			t.Errorf("announced(%q) = %+v, %t, want %+v, %t", line, got, is, want, isReady)
		}
	}
	f(`{"level":"info","http":"127.0.0.1:1/metrics","udp":"127.0.0.1:2","tcp":"127.0.0.1:3","message":"ready: send lines to"}`,
		Addresses{UDP: "127.0.0.1:2", TCP: "127.0.0.1:3", HTTP: "127.0.0.1:1", Path: "/metrics"}, true)
	f(`{"http":"[::1]:1/a/b","message":"ready"}`, Addresses{HTTP: "[::1]:1", Path: "/a/b"}, true)
	f(`{"level":"info","message":"stopped"}`, Addresses{}, false)
	f(`INF ready http=127.0.0.1:1/metrics`, Addresses{}, false)
	f(``, Addresses{}, false)
}

func TestWeirArgs(t *testing.T) {
	args, err := Weir("bin/weir", "--cache.ttl=0s").Args(Addresses{UDP: "u:1", TCP: "t:2", HTTP: "h:3"})
	want := []string{"--ingest.udp=u:1", "--ingest.tcp=t:2", "--endpoint.listen=h:3", "--log.format=json", "--cache.ttl=0s"}
	if err != nil || !slices.Equal(args, want) {
		t.Errorf("args = %q, %v, want %q", args, err, want)
	}
}
