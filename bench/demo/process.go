package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// startAttempts is how often other ports are tried when another program took one.
	startAttempts = 5

	// stopLimit is how long weir may take to stop before it is killed.
	stopLimit = 10 * time.Second

	// requestLimit bounds one request.
	requestLimit = 10 * time.Second
)

var (
	errEnded    = errors.New("weir ended")
	errNotReady = errors.New("weir is not ready")
)

// process is a running weir.
type process struct {
	udp, http string // where it listens, as host:port
	log       *tail
	client    http.Client

	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended; then err is set
	err  error
}

// startWeir starts weir on free ports of the loopback and waits until it is ready. The caller stops it.
func startWeir(ctx context.Context, binary string, patience time.Duration) (*process, error) {
	var err error
	for range startAttempts {
		var p *process
		if p, err = launch(binary); err != nil {
			return nil, fmt.Errorf("start %s: %w", binary, err)
		}
		if err = p.awaitReady(ctx, patience); err == nil {
			return p, nil
		}
		_ = p.stop() // err says more
		err = fmt.Errorf("start %s: %w; its log:\n%s", binary, err, p.log)
		if !strings.Contains(p.log.String(), syscall.EADDRINUSE.Error()) {
			return nil, err
		}
	}
	return nil, err
}

// launch starts weir with its defaults but for the addresses and the cache, which must not delay what the
// scrapes show.
func launch(binary string) (*process, error) {
	udp, err := freeUDP()
	if err != nil {
		return nil, err
	}
	tcp, err := freeTCP()
	if err != nil {
		return nil, err
	}
	p := &process{
		udp: udp, http: tcp, client: http.Client{Timeout: requestLimit},
		log: &tail{}, done: make(chan struct{}),
	}
	p.cmd = exec.Command(binary,
		"--ingest.udp="+udp, "--ingest.tcp=", "--endpoint.listen="+tcp, "--cache.enabled=false")
	p.cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "WEIR__")
	})
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is for the demo, which then stops weir
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { // ends with the process; stop waits for it
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// freeUDP returns an address of the loopback that was free a moment ago.
func freeUDP() (string, error) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return conn.LocalAddr().String(), conn.Close()
}

// freeTCP returns an address of the loopback that was free a moment ago.
func freeTCP() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// awaitReady returns nil when weir says that it is ready, or an error after patience.
func (p *process) awaitReady(ctx context.Context, patience time.Duration) error {
	deadline := time.Now().Add(patience)
	for !p.ready(ctx) {
		if time.Now().After(deadline) {
			return fmt.Errorf("%w after %v", errNotReady, patience)
		}
		if err := p.sleep(ctx, pollInterval); err != nil {
			return err
		}
	}
	return nil
}

func (p *process) ready(ctx context.Context) bool {
	response, err := p.get(ctx, "/-/ready")
	if err != nil {
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

// sleep waits for d. It is an error when ctx or weir ends before.
func (p *process) sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-p.done:
		return fmt.Errorf("%w: %v", errEnded, p.cmd.ProcessState)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop ends weir: politely, or after stopLimit with a kill. It returns nil after a clean end. It may be
// called again.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // when it has ended, p.err tells
	select {
	case <-p.done:
	case <-time.After(stopLimit):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
	return p.err
}

// tail keeps the end of what a process writes.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const maxTail = 16 << 10

func (t *tail) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, text...)
	if len(t.text) > maxTail {
		t.text = bytes.Clone(t.text[len(t.text)-maxTail:])
	}
	return len(text), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
