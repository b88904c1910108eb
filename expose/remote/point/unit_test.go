package point_test

import (
	"testing"

	"weir/expose/remote/point"
)

func TestUnitOf(t *testing.T) {
	f := func(name, want string) {
		t.Helper()
		if got := point.UnitOf(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	f("request_duration_seconds", "seconds")
	f("read_bytes_total", "bytes")
	f("cpu_seconds_total", "seconds")
	f("bytes", "")
	f("bytes_total", "")
	f("kilobytes", "")
	f("request_ms", "")
	f("seconds_", "")
	f("", "")
}
