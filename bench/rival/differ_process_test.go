package rival_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// patience is how long a program may take for what takes it milliseconds.
const patience = 20 * time.Second

// programs are the two programs that are compared.
type programs struct {
	weir, exporter string    // paths
	ports          *sync.Map // that were given to one of them; so none is taken for another
}

// buildPrograms builds weir, and the statsd_exporter that .ci/rivals/go.mod pins.
func buildPrograms(t *testing.T) programs {
	t.Helper()
	find := exec.Command("go", "-C", "../../.ci/rivals", "tool", "-n", "statsd_exporter") // builds it, and says where
	path, err := find.Output()
	if err != nil {
		t.Fatalf("%v: %v", find, err)
	}
	return programs{weir: buildWeir(t), exporter: strings.TrimSpace(string(path)), ports: new(sync.Map)}
}

// contestant is a running weir or statsd_exporter.
type contestant struct {
	*process

	own        []string // what the names of its own families begin with
	connection net.Conn // the one flow of lines
	page       string   // address of the exposition
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

// startWeir starts weir. The end of the test stops it, as it does what the functions below start.
func (p programs) startWeir(t *testing.T, mappingFile string) (*contestant, error) {
	t.Helper()
	return p.launch(t, []string{"weir_", "statsd_exporter_"}, func(tcp, http string) *exec.Cmd {
		return exec.Command(p.weir, weirFlags(mappingFile, tcp, http)...)
	})
}

func (p programs) startExporter(t *testing.T, mappingFile string) (*contestant, error) {
	t.Helper()
	own := []string{"statsd_exporter_", "statsd_metric_mapper_", "go_", "process_", "promhttp_"}
	return p.launch(t, own, func(tcp, http string) *exec.Cmd {
		return exec.Command(p.exporter, "--statsd.mapping-config="+mappingFile, "--statsd.listen-udp=",
			"--statsd.listen-tcp="+tcp, "--web.listen-address="+http, "--statsd.event-flush-interval=5ms", "--log.level=warn")
	})
}

// launch starts a program that listens on free ports. statsd_exporter does not say which port it got when
// told to take any, so the test chooses them, and chooses again when another program was faster. The names
// of the families that are the program's own begin with one of own. The error is errRefused when the program
// ends at once.
func (p programs) launch(t *testing.T, own []string, command func(tcp, http string) *exec.Cmd) (*contestant, error) {
	t.Helper()
	for {
		tcp, http := p.freePort(t), p.freePort(t)
		c := &contestant{process: startProcess(t, command(tcp, http)), own: own, page: "http://" + http + "/metrics"}
		err := c.connect(tcp)
		if err == nil {
			t.Cleanup(c.stop)
			return c, nil
		}
		c.stop()
		if !strings.Contains(c.log.String(), "address already in use") {
			return nil, fmt.Errorf("%w: %w\n%s", errRefused, err, &c.log)
		}
	}
}

// freePort returns an address of the loopback on which nothing listens.
func (p programs) freePort(t *testing.T) string {
	t.Helper()
	for {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := listener.Addr().String()
		listener.Close()
		if _, given := p.ports.LoadOrStore(address, true); !given {
			return address
		}
	}
}

// connect waits until the program serves, and opens the flow.
func (c *contestant) connect(tcp string) error {
	return c.eventually(func() (err error) {
		if _, err = c.scrape(); err == nil {
			c.connection, err = net.Dial("tcp", tcp)
		}
		return err
	})
}

var (
	errRefused = errors.New("the program does not start")
	errEnded   = errors.New("the program has ended")
	errHungUp  = errors.New("the program has closed the connection")
)

// eventually calls try until it has no error, for as long as patience lasts and the program runs.
func (c *contestant) eventually(try func() error) error {
	deadline := time.After(patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil || errors.Is(err, errScrape) || errors.Is(err, errHungUp) {
			return err
		}
		select {
		case <-tick.C:
		case <-c.done:
			return errEnded
		case <-deadline:
			return fmt.Errorf("gave up waiting: %w", err)
		}
	}
}

// stop ends the program.
func (c *contestant) stop() {
	if c.connection != nil {
		_ = c.connection.Close()
	}
	c.process.stop()
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
	text, _, err := fetch(c.page, "")
	if err != nil {
		return exposition{}, err
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return exposition{}, fmt.Errorf("%w:\n%s", err, text)
	}
	return newExposition(families, c.own), nil
}

// process is a running program.
type process struct {
	cmd  *exec.Cmd
	log  bytes.Buffer  // to be read when it has ended
	done chan struct{} // closed when it has ended
}

func startProcess(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, done: make(chan struct{})}
	cmd.Env = []string{} // whatever WEIR__ variables there are where the tests run
	cmd.Stdout, cmd.Stderr = &p.log, &p.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the process; stop waits for it
		_ = cmd.Wait() // how it ended is in ProcessState
		close(p.done)
	}()
	return p
}

// stop ends the process, at the latest after ten seconds.
func (p *process) stop() {
	_ = p.cmd.Process.Kill() // it may have ended
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}
