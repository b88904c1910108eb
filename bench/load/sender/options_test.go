package sender_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"weir/bench/load/sender"
)

func TestTarget(t *testing.T) {
	f := func(target, want string) {
		t.Helper()
		o := sender.Options{Target: target, Duration: time.Second}
		err := o.Validate()
		if want == "" && err != nil {
			t.Errorf("Validate of target %q = %v, want nil", target, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("Validate of target %q = %v, want an error with %q", target, err, want)
		}
	}
	f("udp://127.0.0.1:9125", "")
	f("tcp://127.9.9.9:1", "")
	f("tcp://[::1]:9125", "")
	f("udp://[::ffff:127.0.0.1]:9125", "")
	f("udp://localhost:9125", "")
	const loopback = "not a loopback address"
	f("udp://192.0.2.1:9125", loopback)
	f("udp://0.0.0.0:9125", loopback)
	f("tcp://[::]:9125", loopback)
	f("tcp://[::ffff:192.0.2.1]:9125", loopback)
	const form = "127.0.0.1:9125"
	f("udp://example.com:9125", form)
	f("udp://localhost.example.com:9125", form)
	f("udp://127.0.0.1", form)
	f("udp://127.0.0.1:0", form)
	f("udp://:9125", form)
	f("unixgram:///run/weir.sock", "")
	f("unixgram://weir.sock", "absolute path")
	f("unixgram://", "absolute path")
	f("unix:///tmp/weir", "udp://host:port")
	f("127.0.0.1:9125", "udp://host:port")
	f("", "udp://host:port")
}

func TestValidate(t *testing.T) {
	f := func(change func(*sender.Options), field string) {
		t.Helper()
		o := sender.Options{Target: "udp://127.0.0.1:9125", Duration: time.Second}
		change(&o)
		if err := o.Validate(); err == nil || !strings.HasPrefix(err.Error(), field+":") {
			t.Errorf("Validate(%+v) = %v, want an error of %s", o, err, field)
		}
	}
	f(func(o *sender.Options) { o.Target = "" }, "target")
	f(func(o *sender.Options) { o.Sockets = -1 }, "sockets")
	f(func(o *sender.Options) { o.Sockets = 1025 }, "sockets")
	f(func(o *sender.Options) { o.LinesPerSecond = -1 }, "rate")
	f(func(o *sender.Options) { o.LinesPerSecond = math.NaN() }, "rate")
	f(func(o *sender.Options) { o.LinesPerSecond = 2e9 }, "rate")
	f(func(o *sender.Options) { o.Duration = -1 }, "duration")
	f(func(o *sender.Options) { o.Duration = 0 }, "duration")
}
