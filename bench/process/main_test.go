package process_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"weir/bench/process"
)

// TestMain makes the test binary a program that tests start, too.
func TestMain(m *testing.M) {
	if os.Getenv("ROLE") == "server" {
		serve(os.Args[1])
		return
	}
	os.Exit(m.Run())
}

// exposition is what the server exposes.
const exposition = "# TYPE hits counter\nhits{path=\"/a\"} 3\nhits{path=\"/b\"} 4\nhits 5\n# TYPE level gauge\nlevel -1.5\n"

// serve serves HTTP at an address, says where, and ends with exit code 0 at SIGTERM.
func serve(address string) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, exposition)
	})
	mux.HandleFunc("/asked", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s, %s", r.Header.Get("Accept"), r.Header.Get("Accept-Encoding"))
	})
	mux.HandleFunc("/environment", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, strings.Join(os.Environ(), " "))
	})
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() { // ends with the process
		_ = http.Serve(listener, mux)
	}()
	fmt.Printf("a line before\nserving %s\n", listener.Addr())
	<-stop
	fmt.Println("stopped")
}

// server returns the program that is the server, which picks its port and announces it.
func server(t *testing.T) *process.Program {
	t.Helper()
	g := waitedFor(t)
	g.Ready = nil
	g.Announced = func(line string) (process.Addresses, bool) {
		address, is := strings.CutPrefix(line, "serving ")
		return process.Addresses{HTTP: address}, is
	}
	return g
}

// waitedFor returns the server as a program that is ready when it answers.
func waitedFor(t *testing.T) *process.Program {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &process.Program{
		Path: path, Env: []string{"ROLE=server"},
		Args: func(at process.Addresses) ([]string, error) { return []string{at.HTTP}, nil },
		Ready: func(ctx context.Context, p *process.Process) error {
			_, err := p.Get(ctx, "/environment", "")
			return err
		},
	}
}

// script returns a program that is a shell script.
func script(t *testing.T, text string) *process.Program {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return &process.Program{Path: path, Env: []string{"PATH=" + os.Getenv("PATH")}}
}
