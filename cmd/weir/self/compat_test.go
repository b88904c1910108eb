package self

import (
	"strings"
	"testing"

	"weir/ingest"
	"weir/ingest/relay"
	"weir/protocol"
)

// The families with statsd_exporter's names have its labels and count as it does.
func TestCompatRowsCountAsStatsdExporter(t *testing.T) {
	f := func(change func(*reading), family, want string) {
		t.Helper()
		r := &reading{}
		change(r)
		r.total = r.ingest.Total()
		for i := range compatRows {
			if compatRows[i].name != family {
				continue
			}
			if got := show(compatRows[i:i+1], r, family+" "); !strings.Contains(got, want+"\n") {
				t.Errorf("%s is\n%swant %q in it", family, got, want)
			}
			return
		}
		t.Errorf("no family %s", family)
	}
	relays := func(r *reading) {
		r.ingest.Relay = []relay.Stats{
			{Target: "udp://host:1", Dropped: [relay.NumDropReasons]uint64{relay.DropTooLong: 2, relay.DropFailed: 3}}, {Target: "udp://[::1]:2", LinesSent: 3, DatagramsSent: 4},
		}
	}
	f(relays, "statsd_exporter_relay_long_lines_total", "statsd_exporter_relay_long_lines_total host:1 2")
	f(relays, "statsd_exporter_relay_lines_relayed_total", "statsd_exporter_relay_lines_relayed_total [::1]:2 3")
	f(relays, "statsd_exporter_relay_packets_total", "statsd_exporter_relay_packets_total [::1]:2 4")

	errors := func(r *reading) {
		l := ingest.Ledger{RatesIgnored: 3}
		l.Outcomes[protocol.ReasonBadRate], l.Outcomes[protocol.ReasonColonInName] = 4, 5
		r.ingest.Transports = []ingest.TransportStats{{Name: "udp", Ledger: l}}
	}
	const family = "statsd_exporter_sample_errors_total"
	f(errors, family, family+" invalid_sample_factor 7") // rejected, and ignored
	f(errors, family, family+" invalid_extended_aggregate_type 5")
	f(errors, family, family+" malformed_value 0")
}
