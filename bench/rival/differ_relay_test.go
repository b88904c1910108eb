package rival_test

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"weir/bench/process"
	"weir/internal/poll"
)

// testRelay holds that both relay the same lines, bad ones included, each with its newline, and count them in
// families of the same names and labels.
func (p programs) testRelay(t *testing.T) {
	lines := []string{"a:1|c", "no line at all", "b:2|g|#k:v", "a:x|c", strings.Repeat("long", 10) + ":3|c", "a:1|c|@0.5"}
	relayed, counts := make(map[string]string), make(map[string]string)
	for name, start := range p.starters() {
		sink, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer sink.Close()
		target := sink.LocalAddr().String()
		c, err := start(t, "", "--statsd.relay.address="+target, "--statsd.relay.packet-length=64")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.take(lines, usualLast); err != nil {
			t.Fatal(err)
		}
		relayed[name] = received(t, sink, usualLast)
		counts[name] = c.relayCounts(t, len(lines)+1, target)
	}
	if relayed["weir"] != relayed["statsd_exporter"] {
		t.Errorf("weir relays %q\nstatsd_exporter %q", relayed["weir"], relayed["statsd_exporter"])
	}
	if counts["weir"] != counts["statsd_exporter"] {
		t.Errorf("weir counts\n%s\nstatsd_exporter\n%s", counts["weir"], counts["statsd_exporter"])
	}
}

// received returns what came to the sink, until the line of a name has come whole.
func received(t *testing.T, sink net.PacketConn, last string) string {
	t.Helper()
	_ = sink.SetReadDeadline(time.Now().Add(waitLimit))
	var all strings.Builder
	b := make([]byte, 1<<16)
	for {
		n, _, err := sink.ReadFrom(b)
		if err != nil {
			t.Fatalf("%v after %q", err, all.String())
		}
		all.Write(b[:n])
		if _, rest, found := strings.Cut(all.String(), last); found && strings.HasSuffix(rest, "\n") {
			return all.String()
		}
	}
}

// relayCounts returns the families of the relay as soon as they count so many lines. How many datagrams held them
// depends on when lines came. The target is shown as TARGET.
func (c *contestant) relayCounts(t *testing.T, lines int, target string) string {
	t.Helper()
	var shown []string
	poll.Within(t, waitLimit, func() error {
		text, _, err := fetch("http://"+c.HTTP+"/metrics", "")
		if err != nil {
			return err
		}
		families, err := process.ParseFamilies(text)
		if err != nil {
			return err
		}
		maps.DeleteFunc(families, func(name string, _ *dto.MetricFamily) bool {
			return !strings.HasPrefix(name, "statsd_exporter_relay_")
		})
		e := newExposition(families, nil)
		relayed := fmt.Sprintf("statsd_exporter_relay_lines_relayed_total{%s} %d", pair("target", target), lines)
		shown = e.render()
		if !slices.Contains(shown, relayed) {
			return errors.New("no " + relayed)
		}
		return nil
	})
	for i := range shown {
		shown[i] = strings.ReplaceAll(shown[i], target, "TARGET")
		if name := "statsd_exporter_relay_packets_total"; strings.HasPrefix(shown[i], name) {
			shown[i], _, _ = strings.Cut(shown[i], " ")
		}
	}
	return strings.Join(shown, "\n")
}
