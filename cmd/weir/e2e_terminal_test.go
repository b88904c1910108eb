//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"weir/bench/process"
)

// terminalOf returns the two ends of a new terminal of 100 columns and 30 lines.
func terminalOf(t *testing.T) (screen, program *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		process.Missing(t, "mount devpts, for terminals: "+err.Error())
	}
	t.Cleanup(func() { _ = screen.Close() })
	fd := int(screen.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Close() })
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 30, Col: 100}); err != nil {
		t.Fatal(err)
	}
	return screen, program
}

// weir top restores the terminal however it ends: by a key, by Ctrl-C, by a signal, and when weir has ended.
func TestTopRestoresTerminal(t *testing.T) {
	closed := startWeir(t, "--endpoint.status=off")
	w := startWeir(t)
	sendLines(t, w, "web.hits:1|c|#k:\x1b[2J\u202e\n")
	f := func(url, until string, end func(screen io.Writer, p *os.Process) error, code int) {
		t.Helper()
		screen, program := terminalOf(t)
		before, err := unix.IoctlGetTermios(int(program.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("weir", "top", "--interval=500ms", "--url="+url)
		var failures bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, &failures
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		late := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
		defer late.Stop()
		drawn, seen := make(chan error, 1), ""
		const leave = "\x1b[?25h\x1b[?1049l"
		go func() { // ends when the program restores the terminal, or is killed
			part, isEnding := make([]byte, 64<<10), false
			for {
				n, err := screen.Read(part)
				seen += string(part[:n])
				if !isEnding && strings.Contains(seen, until) {
					isEnding = true
					err = end(screen, cmd.Process)
				}
				if err != nil || strings.Contains(seen, leave) {
					drawn <- err
					return
				}
			}
		}()
		_ = cmd.Wait() // the exit code says it
		_ = program.SetDeadline(time.Now())
		if err := <-drawn; err != nil || cmd.ProcessState.ExitCode() != code {
			t.Errorf("%v, exit code %d: %s%q", err, cmd.ProcessState.ExitCode(), &failures, seen)
		}
		if !strings.HasPrefix(seen, "\x1b[?1049h\x1b[?25l") || !strings.HasSuffix(seen, leave) {
			t.Errorf("the other screen is not left: %q", seen)
		}
		if after, err := unix.IoctlGetTermios(int(program.Fd()), unix.TCGETS); err != nil || *after != *before {
			t.Errorf("the terminal was %+v and is %+v, %v", before, after, err)
		}
	}
	typing := func(key string) func(io.Writer, *os.Process) error {
		return func(screen io.Writer, _ *os.Process) error { _, err := io.WriteString(screen, key); return err }
	}
	signalled := func(s os.Signal) func(io.Writer, *os.Process) error {
		return func(_ io.Writer, p *os.Process) error { return p.Signal(s) }
	}
	f("http://"+w.HTTP, "web_hits", typing("q"), 0)
	f("http://"+w.HTTP, "web_hits", typing("\x03"), 0)
	f("http://"+w.HTTP, "web_hits", signalled(syscall.SIGTERM), 0)
	f("http://"+w.HTTP, "web_hits", signalled(syscall.SIGHUP), 0)
	f("http://"+closed.HTTP, "asking weir", func(io.Writer, *os.Process) error { return nil }, 1)
}
