package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	startAttempts = 5
	patience      = 20 * time.Second // for a target to become ready
	stopLimit     = 5 * time.Second  // for a target to end before it is killed
	requestLimit  = 30 * time.Second // for one answer of a target
	pollInterval  = 20 * time.Millisecond
)

var (
	errEnded    = errors.New("the target has ended")
	errNotReady = errors.New("the target is not ready")
)

// process is a running target.
type process struct {
	target  *target
	udp     *net.UDPAddr // where it takes lines
	tcp     string       // where it answers, as host:port
	client  http.Client
	answers *answers // what it writes to its standard output

	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

// anyCore is for targets that may run on every core.
const anyCore = -1

// start starts a target on free ports of the loopback and waits until it is ready; on other ports when
// another program took one meanwhile. The caller stops it.
func start(ctx context.Context, t *target, core int) (p *process, err error) {
	for range startAttempts {
		p, err = startOnce(ctx, t, core)
		if err == nil || !strings.Contains(err.Error(), syscall.EADDRINUSE.Error()) {
			break
		}
	}
	return p, err
}

func startOnce(ctx context.Context, t *target, core int) (*process, error) {
	p, err := launch(t, core)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", t.name, err)
	}
	deadline := time.Now().Add(patience)
	for err = t.ready(ctx, p); err != nil; err = t.ready(ctx, p) {
		if time.Now().After(deadline) {
			err = fmt.Errorf("%w after %v: %w", errNotReady, patience, err)
			break
		}
		if err = p.sleep(ctx, pollInterval); err != nil {
			break
		}
	}
	if err == nil {
		return p, nil
	}
	p.stop()
	return nil, fmt.Errorf("start %s: %w; it wrote:\n%s", t.name, err, p.answers)
}

func launch(t *target, core int) (*process, error) {
	udp, tcp, err := freePorts()
	if err != nil {
		return nil, err
	}
	p := &process{target: t, udp: udp, tcp: tcp, answers: &answers{}, done: make(chan struct{})}
	p.client = http.Client{Timeout: requestLimit, Transport: &http.Transport{DisableCompression: true}}
	arguments, err := t.arguments(p)
	if err != nil {
		return nil, err
	}
	p.cmd = exec.Command(t.binary, arguments...)
	p.cmd.Env = []string{} // nothing that was set for the shell changes a target
	if core != anyCore {
		p.cmd.Env = []string{"GOMAXPROCS=1"}
	}
	p.cmd.Stdout, p.cmd.Stderr = p.answers, p.answers
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is for us, who then stop it
	if core == anyCore {
		err = p.cmd.Start()
	} else {
		err = onCore(core, p.cmd.Start)
	}
	if err != nil {
		return nil, err
	}
	go func() { // ends with the process; stop waits for it
		_ = p.cmd.Wait() // how it ended does not matter: it was killed, or says why
		close(p.done)
	}()
	return p, nil
}

// freePorts returns addresses of the loopback that were free a moment ago.
func freePorts() (udp *net.UDPAddr, tcp string, err error) {
	packets, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, "", err
	}
	defer packets.Close()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	defer listener.Close()
	udp, is := packets.LocalAddr().(*net.UDPAddr)
	if !is {
		panic("BUG: a UDP socket has no UDP address")
	}
	return udp, listener.Addr().String(), nil
}

// sleep waits for d. It is an error when ctx or the target ends before.
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

// stop ends the target: politely, or after stopLimit with a kill.
func (p *process) stop() {
	p.client.CloseIdleConnections()
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-p.done:
	case <-time.After(stopLimit):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// usage returns what the target has used so far.
func (p *process) usage() (usage, error) { return readUsage(p.cmd.Process.Pid) }

// get asks for a path over HTTP and returns the body as it came over the wire.
func (p *process) get(ctx context.Context, path, encoding string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.tcp+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "text/plain;version=0.0.4")
	request.Header.Set("Accept-Encoding", encoding)
	response, err := p.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", path, response.Status)
	}
	return body, err
}

// answers keeps the end of what a process writes.
type answers struct {
	mu   sync.Mutex
	text []byte
}

const maxAnswers = 16 << 10

func (a *answers) Write(text []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.text = append(a.text, text...)
	if len(a.text) > maxAnswers {
		a.text = bytes.Clone(a.text[len(a.text)-maxAnswers:])
	}
	return len(text), nil
}

// reset forgets what was written so far.
func (a *answers) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.text = a.text[:0]
}

func (a *answers) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return string(a.text)
}
