package self

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/aggregate"
	"weir/expose"
	"weir/expose/guard"
	"weir/ingest"
	"weir/ingest/dgram"
	"weir/ingest/relay"
	"weir/protocol"
)

// aReading has another number in every count, so that a row that takes the wrong one is seen.
func aReading() *reading {
	udp := ingest.TransportStats{
		Name: "udp",
		Ledger: ingest.Ledger{
			Datagrams: 101, Bytes: 102, DatagramsTruncated: 103, Lines: 104, Samples: 105, FieldsIgnored: 106,
			TimestampsOff: 107, Panics: 108, RatesIgnored: 1000,
		},
		Sockets: []dgram.SocketStats{
			{Listener: "udp://a", KernelDrops: 111, QueuedBytes: 112, BufferBytes: 113, ReceiveErrors: 114},
			{Listener: "udp://b", KernelDrops: 121, QueuedBytes: 122, BufferBytes: 123, ReceiveErrors: 124},
			{Listener: "udp://a", KernelDrops: 1000, QueuedBytes: 1000, BufferBytes: 1000, ReceiveErrors: 1000},
		},
	}
	for i, reason := range []protocol.Reason{
		protocol.ReasonNone, protocol.ReasonMalformedLine, protocol.ReasonEmptyName, protocol.ReasonMissingType,
		protocol.ReasonUnknownType, protocol.ReasonBadValue, protocol.ReasonBadRate, protocol.ReasonLineTooLong,
		protocol.ReasonMixedTags, protocol.ReasonNegativeCounter, protocol.ReasonTypeConflict,
		protocol.ReasonSeriesPerMetric, protocol.ReasonTotalSeries, protocol.ReasonDropped, protocol.ReasonColonInName,
	} {
		udp.Ledger.Outcomes[reason] = 200 + uint64(i)
	}
	for kind := range protocol.NumKinds {
		udp.Ledger.Recorded[kind] = 1 << kind
	}
	for alert := range protocol.NumAlerts {
		for priority := range protocol.NumPriorities {
			udp.Ledger.Events[alert][priority] = 300 + 10*uint64(alert) + uint64(priority)
		}
	}
	tcp := ingest.TransportStats{
		Name: "tcp", Ledger: ingest.Ledger{Bytes: 402, Lines: 404, Samples: 405},
		Connections: ingest.ConnectionStats{Active: 411, Opened: 412, Refused: 413, IdleClosed: 414, FramesBad: 415, UnfinishedBytes: 416},
		Reopened:    417,
	}
	r := &reading{
		ingest: ingest.Stats{
			Transports: []ingest.TransportStats{udp, tcp},
			Relay: []relay.Stats{
				{
					Target: "udp://t", LinesSent: 501, LinesWaiting: 502, DatagramsSent: 503, Errors: 504, Connects: 507,
					Dropped: [relay.NumDropReasons]uint64{relay.DropTooLong: 505, relay.DropFailed: 506},
				},
			},
		},
		registry: aggregate.Stats{
			Families: 601, Series: 602, SeriesExpired: 603, SeriesRefused: 604, GaugesInfinite: 605, TagsDuplicate: 606,
			ValuesOther: 607, ExemplarTagsDropped: 608, NamesMerged: 611, NamesLettersLost: 612,
			NativeReductions: 613,
		},
		overflows: []aggregate.Overflow{{Metric: "m", Samples: 609}, {Metric: aggregate.OverflowOther, Samples: 610}},
		expose: expose.Stats{
			Responses: map[int]uint64{200: 701}, InFlight: 702, Aborted: 703, Refused: 704, CacheHits: 705,
			CacheMisses: 706, Collections: 717, CacheBytes: 707, Late: 708, Panics: 709,
			Guard: guard.Stats{
				Failures: map[string]uint64{"missing": 710}, HandshakeFailures: 711, CertificateExpires: time.Unix(712, 0),
			},
		},
		state:  &State{Saves: 801, Failures: 802, SavedAt: 803, Size: 804, HasJournal: true},
		reload: Reload{Successes: 805, Failures: 806, Successful: true, SucceededAt: 807, Rules: 808},
		build:  Build{Version: "v1", Revision: "abc", GoVersion: "go1"},
	}
	r.total = r.ingest.Total()
	return r
}

// show returns the values of rows, each as a line without the prefix that all names share.
func show(table []row, r *reading, prefix string) string {
	var b strings.Builder
	for _, row := range table {
		row.values(r, func(value float64, labels ...string) {
			if len(labels) != len(row.labels) {
				fmt.Fprintf(&b, "%d labels, want %v: ", len(labels), row.labels)
			}
			words := append([]string{strings.TrimPrefix(row.name, prefix)}, labels...)
			fmt.Fprintf(&b, "%s %v\n", strings.Join(words, " "), value)
		})
	}
	return b.String()
}

// The wanted lines are there, in their order; a new row may stand between them.
func TestRows(t *testing.T) {
	f := func(table []row, prefix, want string) {
		t.Helper()
		text := show(table, aReading(), prefix)
		rest := text
		for line := range strings.Lines(strings.TrimPrefix(want, "\n")) {
			_, after, found := strings.Cut("\n"+rest, "\n"+line)
			if !found {
				t.Errorf("no %q at its place in\n%s", line, text)
				continue
			}
			rest = after
		}
	}
	f(ingestRows, "weir_", wantIngest)
	f(registryRows, "weir_", wantRegistry)
	f(exposeRows, "weir_", wantExpose)
	f(programRows, "weir_", wantProgram)
	f(compatRows[:len(compatRows)-1], "statsd_exporter_", wantCompat) // the last names the platform
}

// Rows of things that are off have no series.
func TestRowsWithoutSource(t *testing.T) {
	r := aReading()
	r.state, r.expose.Guard.CertificateExpires, r.overflows, r.ingest.Relay = nil, time.Time{}, nil, nil
	for i, row := range rows {
		isAbsent := strings.HasPrefix(row.name, "weir_state_") || strings.HasPrefix(row.name, "weir_relay_") ||
			row.name == "weir_http_certificate_expiry_timestamp_seconds" || row.name == "weir_cardinality_overflow_total"
		if got := show(rows[i:i+1], r, ""); (got == "") != isAbsent {
			t.Errorf("%s without a source: %q, absent should be %t", row.name, got, isAbsent)
		}
	}
}

// The rows of transports iterate over what ingest has: another transport needs no other row.
func TestRowsKnowNoTransportByName(t *testing.T) {
	r := &reading{ingest: ingest.Stats{Transports: []ingest.TransportStats{
		{Name: "udp", Ledger: ingest.Ledger{Lines: 2, Datagrams: 1}},
		{Name: "fifth", Ledger: ingest.Ledger{Lines: 3, Datagrams: 1}},
	}}}
	r.total = r.ingest.Total()
	got := show(ingestRows, r, "weir_")
	for _, want := range []string{
		"lines_received_total udp 2\n", "lines_received_total fifth 3\n", "datagrams_received_total 2\n",
		"bytes_received_total fifth 0\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// Every row has a name of its own and a sentence of help; counters end in _total, as OpenMetrics wants.
func TestRowsAreNamedWell(t *testing.T) {
	var names []string
	for _, row := range slices.Concat(rows, compatRows) {
		names = append(names, row.name)
		if !strings.HasSuffix(row.help, ".") {
			t.Errorf("%s: the help %q is no sentence", row.name, row.help)
		}
		if isTotal := strings.HasSuffix(row.name, "_total"); row.typ == counter && !isTotal {
			t.Errorf("%s is a counter whose name does not end in _total", row.name)
		}
	}
	slices.Sort(names)
	if twice := len(names) - len(slices.Compact(names)); twice > 0 {
		t.Errorf("%d names are there twice: %v", twice, names)
	}
}

// Families describes the table in its order, and the histograms behind it.
func TestFamilies(t *testing.T) {
	families := Families()
	if len(families) != len(rows)+len(scrapeHistograms) {
		t.Fatalf("%d families for %d rows and %d histograms", len(families), len(rows), len(scrapeHistograms))
	}
	first := Family{
		Name: "weir_datagrams_received_total", Type: "counter", Help: "Datagrams read from UDP and unixgram sockets.",
	}
	if diff := cmp.Diff(first, families[0]); diff != "" {
		t.Errorf("the first family (-want +got):\n%s", diff)
	}
	if last := families[len(families)-1]; last.Name != "weir_scrape_size_bytes" || last.Type != "histogram" {
		t.Errorf("the last family is %+v", last)
	}
	if got := CompatFamilies(); len(got) != len(compatRows) || got[0].Name != "statsd_exporter_lines_total" {
		t.Errorf("families of statsd_exporter: %+v", got)
	}
}
