package ingest_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/ingest"
	"weir/ingest/tap"
	"weir/protocol"
)

// sendersOf returns the counts of all senders by transport and sender.
func sendersOf(s *ingest.Server) map[string]tap.Counts {
	all := make(map[string]tap.Counts)
	list, _, _ := s.Tap().Senders()
	for _, c := range list {
		all[c.Transport+" "+c.Sender.String()] = c
	}
	return all
}

// What is sent is what is counted of its sender, over UDP and TCP, whichever loop takes it.
func TestSendersCountsAreExact(t *testing.T) {
	s, _ := start(t, nil)
	s.Tap().Senders()
	const clients, datagrams = 5, 200
	for n := range clients {
		udp, tcp := dial(t, "udp", address(t, s, "udp")), dial(t, "tcp", address(t, s, "tcp"))
		for i := range datagrams {
			send(t, udp, fmt.Sprintf("a:1|c|#n:%d\nb:1:2|ms\nbad\n", n))
			if i%20 == 0 { // so that no buffer overflows, and a is a counter first
				want := uint64(n*datagrams + i + 1)
				eventually(t, func() (bool, string) {
					return ledger(s, "udp").Datagrams == want, fmt.Sprintf("want %d datagrams", want)
				})
			}
			send(t, tcp, fmt.Sprintf("c:1|c|#n:%d\nc:1", n))
			send(t, tcp, fmt.Sprintf("|c|#n:%d\na:%d|g\n", n, i))
		}
	}
	isAbout := func(addresses int) bool { return addresses <= clients && addresses >= clients-2 } // ports may share a bit
	eventually(t, func() (bool, string) {
		all := sendersOf(s)
		udp, tcp := all["udp 127.0.0.1"], all["tcp 127.0.0.1"]
		const n = clients * datagrams
		isExact := udp.Runs == n && udp.Lines == 3*n && udp.Samples == 4*n && isAbout(udp.Addresses) &&
			udp.Rejected[protocol.ReasonMalformedLine] == n && udp.Created == clients+1 &&
			tcp.Lines == 3*n && tcp.Samples == 3*n && isAbout(tcp.Addresses) &&
			tcp.Rejected[protocol.ReasonTypeConflict] == n && tcp.Created == clients
		return isExact, fmt.Sprintf("%d senders: %+v and %+v, want %d datagrams", len(all), udp, tcp, n)
	})
}

// A sender over unix sockets is its process, with its program; so are the sender of a live line and of a reject.
func TestSenderIsProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells")
	}
	comm, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Skip(err)
	}
	program, pid := strings.TrimSpace(string(comm)), os.Getpid()
	gram, stream := socketPath(t, "gram"), socketPath(t, "stream")
	s, _ := start(t, func(o *ingest.Options) { o.Unixgram, o.Unix = gram, stream })
	page, err := s.Tap().Tail(t.Context(), tap.Poll{})
	if err != nil {
		t.Fatal(err)
	}
	send(t, dialUnix(t, "unixgram", gram), "a:1|c\nbad")
	send(t, dialUnix(t, "unix", stream), "a:1|c\nbad\n")
	eventually(t, func() (bool, string) {
		all, key := sendersOf(s), fmt.Sprintf(" pid %d", pid)
		a, b := all["unixgram"+key], all["unix"+key]
		return a.Lines == 2 && b.Lines == 2 && a.Program == program && b.Program == program && a.Created+b.Created == 1,
			fmt.Sprintf("senders %+v", all)
	})
	page, err = s.Tap().Tail(t.Context(), tap.Poll{Since: page.Since, Limit: 10})
	if err != nil || len(page.Lines) != 4 {
		t.Fatalf("%d live lines, %v", len(page.Lines), err)
	}
	for _, line := range page.Lines {
		isBad := line.Text == "bad"
		if int(line.From.PID) != pid || line.Program != program || isBad != (line.Reason == protocol.ReasonMalformedLine) {
			t.Errorf("live line %+v", line)
		}
	}
	for _, r := range s.Rejects() {
		if int(r.PID) != pid || r.Program != program || r.Sender != fmt.Sprintf("pid %d", pid) {
			t.Errorf("reject %+v", r)
		}
	}
}

// Lines that never reach the decoder count for their sender, and are live lines.
func TestLostLinesHaveSenders(t *testing.T) {
	s, _ := start(t, func(o *ingest.Options) { o.MaxDatagram, o.MaxLine = 64, 64 })
	page, _ := s.Tap().Tail(t.Context(), tap.Poll{Filter: tap.Filter{Rejected: true}})
	send(t, dial(t, "udp", address(t, s, "udp")), "a:1|c\n"+strings.Repeat("x", 100)+":1|c")
	send(t, dial(t, "tcp", address(t, s, "tcp")), "a:1|c\n"+strings.Repeat("y", 100)+":1|c\n")
	eventually(t, func() (bool, string) {
		udp, tcp := sendersOf(s)["udp 127.0.0.1"], sendersOf(s)["tcp 127.0.0.1"]
		return udp.Lines == 2 && udp.Rejected[protocol.ReasonTruncated] == 1 &&
			tcp.Lines == 2 && tcp.Rejected[protocol.ReasonLineTooLong] == 1, fmt.Sprintf("%+v and %+v", udp, tcp)
	})
	page, _ = s.Tap().Tail(t.Context(), tap.Poll{Since: page.Since, Filter: tap.Filter{Rejected: true}, Limit: 10})
	if len(page.Lines) != 2 {
		t.Errorf("live lines that were rejected: %+v", page.Lines)
	}
}

// Somebody who looks costs no line: mostly for the race detector.
func TestLookingUnderLoad(t *testing.T) {
	s, _ := start(t, func(o *ingest.Options) { o.Coalesce = time.Millisecond })
	const lines = 20_000
	var ended atomic.Bool
	var looking sync.WaitGroup
	looking.Go(func() {
		since := uint64(0)
		for !ended.Load() {
			page, _ := s.Tap().Tail(t.Context(), tap.Poll{Since: since, Filter: tap.Filter{Match: "a*"}, Limit: 50})
			since = page.Since
			s.Tap().Senders()
			s.Tap().Rates().Family("a")
			runtime.Gosched()
		}
	})
	tcp := dial(t, "tcp", address(t, s, "tcp"))
	for i := range lines / 20 {
		send(t, tcp, strings.Repeat(fmt.Sprintf("a.%d:1|c\n", i%10), 20))
	}
	eventually(t, func() (bool, string) {
		l := ledger(s, "tcp")
		return l.Lines == lines && l.Outcomes[protocol.ReasonNone] == lines, fmt.Sprintf("%+v", l)
	})
	ended.Store(true)
	looking.Wait()
	stop(t, s)
	if s.Tap().Rates() != nil || !s.Tap().Since().IsZero() {
		t.Error("somebody looks after Close")
	}
}
