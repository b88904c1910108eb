package rival_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/bench/process"
)

// waitLimit is how long a program may take for what takes it milliseconds.
const waitLimit = 20 * time.Second

// programs are the two programs that are compared.
type programs struct {
	weir, exporter string // paths
	ports          *process.Ports
}

// buildPrograms builds weir, and the statsd_exporter that .ci/rivals/go.mod pins.
func buildPrograms(t *testing.T) programs {
	t.Helper()
	find := exec.Command("go", "-C", "../../.ci/rivals", "tool", "-n", "statsd_exporter") // builds it, and says where
	path, err := find.Output()
	if err != nil {
		t.Fatalf("%v: %v", find, err)
	}
	return programs{
		weir: process.BuildWeir(t), exporter: strings.TrimSpace(string(path)), ports: new(process.Ports),
	}
}

// contestant is a running weir or statsd_exporter.
type contestant struct {
	*process.Process

	own        []string // what the names of its own families begin with
	connection net.Conn // the one flow of lines
}

// weirFlags are a command line of statsd_exporter, and what weir needs besides to be compared.
func weirFlags(mappingFile, tcp, http string) []string {
	return []string{
		"--statsd.mapping-config=" + mappingFile, "--statsd.listen-udp=", "--statsd.listen-tcp=" + tcp,
		"--web.listen-address=" + http, "--log.level=warn",
		"--cache.ttl=0s", "--collectors.process.enabled=false", "--collectors.runtime.enabled=false",
	}
}

// writeRules writes a mapping file and returns its path, none when there are no rules.
func writeRules(t *testing.T, rules string) string {
	t.Helper()
	if rules == "" {
		return ""
	}
	file := filepath.Join(t.TempDir(), "mapping.yaml")
	if err := os.WriteFile(file, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// starter starts one of the programs, with flags of statsd_exporter.
type starter func(t *testing.T, mappingFile string, flags ...string) (*contestant, error)

// starters returns both, by their names.
func (p programs) starters() map[string]starter {
	return map[string]starter{"weir": p.startWeir, "statsd_exporter": p.startExporter}
}

// startWeir starts weir. The end of the test ends it, as it does what the functions below start.
func (p programs) startWeir(t *testing.T, mappingFile string, flags ...string) (*contestant, error) {
	t.Helper()
	return p.start(t, []string{"weir_", "statsd_exporter_"}, p.weir, func(at process.Addresses) ([]string, error) {
		return append(weirFlags(mappingFile, at.TCP, at.HTTP), flags...), nil
	})
}

func (p programs) startExporter(t *testing.T, mappingFile string, flags ...string) (*contestant, error) {
	t.Helper()
	own := []string{"statsd_exporter_", "statsd_metric_mapper_", "go_", "process_", "promhttp_"}
	return p.start(t, own, p.exporter, func(at process.Addresses) ([]string, error) {
		return append([]string{
			"--statsd.mapping-config=" + mappingFile, "--statsd.listen-udp=", "--statsd.listen-tcp=" + at.TCP,
			"--web.listen-address=" + at.HTTP, "--statsd.event-flush-interval=5ms", "--log.level=warn",
		}, flags...), nil
	})
}

var (
	errRefused = errors.New("the program does not start")
	errHungUp  = errors.New("the program has closed the connection")
)

// start starts a program and opens the flow. The names of the families that are the program's own begin with
// one of own. The error is errRefused when the program ends at once.
func (p programs) start(
	t *testing.T, own []string, path string, args func(process.Addresses) ([]string, error),
) (*contestant, error) {
	t.Helper()
	c := &contestant{own: own}
	program := &process.Program{
		Path: path, Args: args, Ports: p.ports, StartLimit: waitLimit,
		Ready: func(_ context.Context, running *process.Process) (err error) {
			c.Process = running
			if _, err = c.scrape(); err == nil {
				c.connection, err = net.Dial("tcp", c.TCP)
			}
			return err
		},
	}
	if _, err := program.Start(t.Context()); err != nil {
		return nil, fmt.Errorf("%w: %w", errRefused, err)
	}
	t.Cleanup(c.stop)
	return c, nil
}

// eventually calls try until it has no error, for as long as waitLimit lasts and the program runs. A scrape
// that fails, or a connection that the program closed, ends it, too.
func (c *contestant) eventually(try func() error) error {
	ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
	defer cancel()
	var final error
	err := c.Poll(ctx, func(context.Context) error {
		err := try()
		if errors.Is(err, errScrape) || errors.Is(err, errHungUp) {
			final = err
			return nil
		}
		return err
	})
	return cmp.Or(final, err)
}

// stop ends the program.
func (c *contestant) stop() {
	_ = c.connection.Close()
	c.Kill()
}

// lastTag marks the last line of a flow. What rules call its series does not matter, as long as they let it
// pass.
const lastTag = "the_last"

// take sends lines, waits until all were taken, and returns what the exposition shows of them. The last line
// is of the series called by name.
func (c *contestant) take(lines []string, name string) (exposition, error) {
	text := strings.Join(append(slices.Clone(lines), name+":1|c|#"+lastTag+":yes"), "\n") + "\n"
	_, written := io.WriteString(c.connection, text)
	var taken exposition
	err := c.eventually(func() (err error) {
		if taken, err = c.scrape(); err == nil && !taken.removeLast() {
			err = errNotYet
		}
		if !errors.Is(err, errNotYet) || !c.hasHungUp() {
			return err
		}
		if _, err = c.scrape(); err == nil { // it has not ended
			err = errHungUp
		}
		return err
	})
	return taken, cmp.Or(err, written)
}

var errNotYet = errors.New("the last line is not there yet")

// hasHungUp reports whether the program has closed the connection, on which it never writes.
func (c *contestant) hasHungUp() bool {
	_ = c.connection.SetReadDeadline(time.Now().Add(time.Millisecond)) // if it fails, so does Read
	_, err := c.connection.Read(make([]byte, 1))
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

func (c *contestant) scrape() (exposition, error) {
	text, _, err := fetch("http://"+c.HTTP+"/metrics", "")
	if err != nil {
		return exposition{}, err
	}
	families, err := process.ParseFamilies(text)
	if err != nil {
		return exposition{}, fmt.Errorf("%w:\n%s", err, text)
	}
	return newExposition(families, c.own), nil
}
