package self_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/cmd/weir/self"
	"weir/config"
	"weir/expose"
	"weir/ingest"
	"weir/internal/poll"
)

// Every scrape adds up, also while lines come in: all rows take their values from one reading.
func TestLedgerBalances(t *testing.T) {
	c := config.Default()
	c.Ingest.UDP, c.Ingest.TCP = []string{"127.0.0.1:0"}, nil
	c.Aggregate.Limits.MaxTotalSeries = 1
	registry := aggregate.New(c.Aggregate)
	server := ingest.NewServer(c.Ingest, registry, zerolog.Nop())
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close(context.Background()) }() // only the counts matter here
	m, err := self.New(c, self.Build{})
	if err != nil {
		t.Fatal(err)
	}
	m.SetSources(self.Sources{
		Registry: registry, Ingest: server, Reload: func() self.Reload { return self.Reload{} },
		Expose: expose.NewServer(c.Expose, registry, m.Gatherer(), m.Observers(), zerolog.Nop()),
	})
	udp, err := net.Dial("udp", server.Listeners()[0].Address)
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	const datagrams = 50
	for range datagrams {
		if _, err := io.WriteString(udp, "a:1|c\nb:1|c\na:x|c\nnothing\n"); err != nil { // one is recorded, one refused
			t.Fatal(err)
		}
	}
	poll.Within(t, 10*time.Second, func() error {
		families := gather(t, m)
		received := sum(families, "weir_samples_received_total")
		outcomes := sum(families, "weir_samples_recorded_total") + sum(families, "weir_samples_refused_total") +
			sum(families, "weir_samples_rejected_total") + sum(families, "weir_samples_dropped_total")
		if received != outcomes {
			t.Fatalf("%v samples were received, and %v have an outcome", received, outcomes)
		}
		if received != 4*datagrams {
			return fmt.Errorf("%v samples received, want %d", received, 4*datagrams)
		}
		if got := sum(families, "weir_samples_recorded_total"); got != datagrams {
			t.Errorf("%v samples recorded, want %d", got, datagrams)
		}
		return nil
	})
}

// sum returns the sum of a family of counters.
func sum(families map[string]*dto.MetricFamily, name string) (sum float64) {
	for _, m := range families[name].GetMetric() {
		sum += m.GetCounter().GetValue()
	}
	return sum
}
