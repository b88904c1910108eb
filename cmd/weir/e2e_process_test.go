package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// weir is a running weir.
type weir struct {
	udp, tcp, http string // where it listens, as host:port
	path           string // of the exposition
	log            *logLines

	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended; then err is set
	err  error
}

// startWeir starts weir on free ports of the loopback and returns when it is ready. The end of the test stops it.
func (e e2e) startWeir(t *testing.T, args ...string) *weir {
	t.Helper()
	w := e.startMortal(t, args...)
	t.Cleanup(func() { w.stop(t) })
	return w
}

// startMortal is startWeir for a weir that the test kills: its end is not looked at.
func (e e2e) startMortal(t *testing.T, args ...string) *weir {
	t.Helper()
	w := e.launch(t, append([]string{
		"--ingest.udp=127.0.0.1:0", "--ingest.tcp=127.0.0.1:0", "--endpoint.listen=127.0.0.1:0", "--cache.ttl=0s", "--log.format=json",
	}, args...)...)
	w.awaitReady(t)
	if _, err := w.get("/-/ready"); err != nil {
		t.Fatal(err)
	}
	return w
}

// awaitReady waits until weir says where it listens.
func (w *weir) awaitReady(t *testing.T) {
	t.Helper()
	select {
	case line := <-w.log.ready:
		http, path, _ := strings.Cut(line.HTTP, "/")
		w.udp, w.tcp, w.http, w.path = line.UDP, line.TCP, http, "/"+path
	case <-w.done:
		t.Fatalf("weir did not start: %v", w.err)
	case <-time.After(patience):
		t.Fatal("weir did not say that it is ready")
	}
}

// launch starts the program as it is told. The end of the test kills it, and logs what it wrote if the test failed.
func (e e2e) launch(t *testing.T, args ...string) *weir {
	t.Helper()
	w := &weir{
		cmd: exec.Command(e.bin, args...), done: make(chan struct{}), log: &logLines{ready: make(chan readyLine, 1)},
	}
	w.cmd.Env = []string{} // whatever WEIR__ variables there are where the tests run
	w.cmd.Stdout, w.cmd.Stderr = w.log, w.log
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the process; the cleanup waits for it
		w.err = w.cmd.Wait()
		close(w.done)
	}()
	t.Cleanup(func() {
		w.kill()
		if t.Failed() {
			t.Logf("the log of weir:\n%s", w.log)
		}
	})
	return w
}

// kill ends weir at once, with no chance to save anything.
func (w *weir) kill() {
	_ = w.cmd.Process.Kill() // when it has ended, there is nothing to kill
	<-w.done
}

// stop sends SIGTERM and requires a clean end within stopLimit. It may be called again.
func (w *weir) stop(t *testing.T) {
	t.Helper()
	_ = w.cmd.Process.Signal(syscall.SIGTERM) // when it has ended, what is below tells
	select {
	case <-w.done:
		if w.err != nil {
			t.Errorf("weir ended with %v after SIGTERM, want exit code 0", w.err)
		}
	case <-time.After(stopLimit):
		t.Errorf("weir did not end within %v of SIGTERM", stopLimit)
	}
}

// get returns the body of a response; any status but 200 is an error.
func (w *weir) get(path string) ([]byte, error) {
	client := http.Client{Timeout: patience}
	response, err := client.Get("http://" + w.http + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s: %s", path, response.Status, body)
	}
	return body, err
}

// address returns where weir listens for lines over a network.
func (w *weir) address(network string) string {
	if network == "tcp" {
		return w.tcp
	}
	return w.udp
}

func (w *weir) hostPort(t *testing.T, network string) (host, port string) {
	t.Helper()
	host, port, err := net.SplitHostPort(w.address(network))
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

// dial connects to weir's listener of a network; the end of the test closes the connection.
func (w *weir) dial(t *testing.T, network string) net.Conn {
	t.Helper()
	c, err := net.Dial(network, w.address(network))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // the test may have closed it
	return c
}

// eventually calls try until it has no error, for as long as patience lasts.
func eventually(t *testing.T, try func() error) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("gave up waiting: %v", err)
		}
	}
}

// logLines keeps what a process writes, and reads the line in which weir says where it listens.
type logLines struct {
	ready chan readyLine // gets one line

	mu   sync.Mutex
	text bytes.Buffer
	read int // how much of text was looked at
}

type readyLine struct{ Message, HTTP, UDP, TCP string }

func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	for {
		length := bytes.IndexByte(l.text.Bytes()[l.read:], '\n')
		if length < 0 {
			return len(p), nil
		}
		var line readyLine
		err := json.Unmarshal(l.text.Bytes()[l.read:l.read+length], &line)
		if err == nil && line.Message == "ready" {
			l.ready <- line
		}
		l.read += length + 1
	}
}

func (l *logLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// exitCode returns the exit code of a program that has ended, -1 when a signal ended it.
func exitCode(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	return 0
}
