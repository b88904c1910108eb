package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"weir/bench/load/sender"
	"weir/bench/process"
)

// TestMain makes the test binary a double of every target, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-test.") {
		var d double
		d.run(os.Args[1:])
	}
	os.Exit(m.Run())
}

// double stands in for weir, statsd_exporter and the statsd of npm: it understands their flags, and counts
// the lines that it receives as each of them does. Where it does not do as told it fails, and so does its
// test.
type double struct {
	datagrams, lines atomic.Uint64

	udp, http, management string
	relay                 string
	mute                  bool   // it does not relay
	closed                bool   // it shows nothing but the exposition
	lose                  uint64 // every so many lines is not counted; 0 loses none
	page                  string // file of an exposition to show instead of the counts
}

func (d *double) parse(args []string) {
	flags := flag.NewFlagSet("double", flag.ExitOnError)
	for _, name := range []string{
		"ingest.tcp", "log.format", "log.level", "cache.ttl", "cache.enabled", "statsd.listen-tcp", "statsd.read-buffer",
		"cardinality.max_series_per_metric", "ingest.loops", "cardinality.max_total_series",
	} {
		flags.String(name, "", "not looked at")
	}
	flags.StringVar(&d.udp, "ingest.udp", "", "")
	flags.StringVar(&d.udp, "statsd.listen-udp", "", "")
	flags.StringVar(&d.http, "endpoint.listen", "", "")
	flags.StringVar(&d.http, "web.listen-address", "", "")
	flags.StringVar(&d.relay, "ingest.relay", "", "")
	flags.BoolVar(&d.mute, "mute", false, "")
	flags.BoolVar(&d.closed, "closed", false, "")
	flags.Uint64Var(&d.lose, "lose", 0, "")
	flags.StringVar(&d.page, "page", "", "")
	_ = flags.Parse(args)  // it exits
	if flags.NArg() == 2 { // as node: the program, and the configuration of the statsd of npm
		d.configure(flags.Arg(1))
	}
}

func (d *double) configure(file string) {
	var c struct {
		Address     string
		Port        int
		MgmtAddress string `json:"mgmt_address"`
		MgmtPort    int    `json:"mgmt_port"`
	}
	text, err := os.ReadFile(file)
	must(err)
	must(json.Unmarshal(text, &c))
	d.udp = net.JoinHostPort(c.Address, strconv.Itoa(c.Port))
	d.management = net.JoinHostPort(c.MgmtAddress, strconv.Itoa(c.MgmtPort))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "double:", err)
		os.Exit(1)
	}
}

// run receives until SIGTERM ends the process.
func (d *double) run(args []string) {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	d.parse(args)
	packets, err := net.ListenPacket("udp", d.udp)
	must(err)
	var relay net.Conn
	if address, is := strings.CutPrefix(d.relay, "udp://"); is && !d.mute {
		relay, err = net.Dial("udp", address)
		must(err)
	}
	go d.receive(packets, relay) // these end with the process
	if d.management != "" {
		listener, err := net.Listen("tcp", d.management)
		must(err)
		go d.manage(listener)
	}
	if d.http != "" {
		listener, err := net.Listen("tcp", d.http)
		must(err)
		go func() { _ = http.Serve(listener, http.HandlerFunc(d.expose)) }()
		fmt.Printf(`{"message":"ready","udp":%q,"http":"%s/metrics"}`+"\n", packets.LocalAddr(), listener.Addr())
	}
	<-stop
	os.Exit(0)
}

func (d *double) receive(packets net.PacketConn, relay net.Conn) {
	buffer := make([]byte, 64<<10)
	for {
		n, _, err := packets.ReadFrom(buffer)
		must(err)
		d.datagrams.Add(1)
		lines := uint64(strings.Count(string(buffer[:n]), "\n") + 1)
		if total := d.lines.Add(lines); d.lose > 0 && total%d.lose < lines {
			d.lines.Add(^uint64(0)) // one less
		}
		if relay != nil {
			_, err := relay.Write(buffer[:n])
			must(err)
		}
	}
}

// expose shows the counts as weir and statsd_exporter do.
func (d *double) expose(w http.ResponseWriter, r *http.Request) {
	if d.closed && r.URL.Path != "/metrics" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if d.page != "" {
		text, err := os.ReadFile(d.page)
		must(err)
		_, _ = w.Write(text)
		return
	}
	for name, count := range map[string]uint64{
		"weir_datagrams_received_total": d.datagrams.Load(), "weir_lines_received_total": d.lines.Load(),
		"weir_samples_received_total": d.lines.Load(), "weir_samples_recorded_total": d.lines.Load(),
		"weir_kernel_drops_total":           0,
		"statsd_exporter_udp_packets_total": d.datagrams.Load(), "statsd_exporter_lines_total": d.lines.Load(),
	} {
		fmt.Fprintf(w, "# TYPE %s counter\n%s %d\n", name, name, count)
	}
}

// manage answers as the management interface of the statsd of npm does.
func (d *double) manage(listener net.Listener) {
	var answers sync.WaitGroup
	defer answers.Wait()
	for {
		c, err := listener.Accept()
		must(err)
		answers.Go(func() {
			defer c.Close()
			if command := make([]byte, len("counters\n")); readsAll(c, command) && string(command) == "counters\n" {
				fmt.Fprintf(c, "{\n  'statsd.packets_received': %d,\n  'statsd.metrics_received': %d\n}\nEND\n\n",
					d.datagrams.Load(), d.lines.Load())
			}
		})
	}
}

func readsAll(r io.Reader, to []byte) bool {
	_, err := io.ReadFull(r, to)
	return err == nil
}

// doubles returns a double of each target, with more flags where there are any.
func doubles(t *testing.T, flags ...string) map[string]*target {
	t.Helper()
	needLinux(t)
	all := map[string]*target{
		nameWeir:          {tags: true, scraped: true, program: weirProgram(os.Args[0]), count: countWeir},
		"statsd_exporter": {tags: true, scraped: true, program: exporterProgram(os.Args[0]), count: countExporter},
		"statsd":          {program: nodeProgram(os.Args[0], t.TempDir())},
	}
	all["statsd"].count = func(ctx context.Context, i *instance) (tally, error) { return countNode(ctx, i.TCP) }
	for name, target := range all {
		target.name = name
		args := target.program.Args
		target.program.Args = func(at process.Addresses) ([]string, error) {
			list, err := args(at)
			return append(flags, list...), err
		}
	}
	return all
}

// pageFile returns a file with an exposition.
func pageFile(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "page")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// senderFor returns how to send for some time.
func senderFor(d time.Duration) sender.Options {
	return sender.Options{LinesPerSecond: 1000, Duration: d}
}
