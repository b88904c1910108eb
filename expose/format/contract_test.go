//go:build !race

package format_test

import (
	"testing"

	"weir/expose/format"
)

// The header that Prometheus sends is negotiated without an allocation.
func TestNegotiateAllocatesNothing(t *testing.T) {
	accept := [][]byte{[]byte("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6," +
		"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1")}
	if n := testing.AllocsPerRun(100, func() { format.Negotiate(accept) }); n != 0 {
		t.Errorf("negotiating allocates %v times", n)
	}
}
