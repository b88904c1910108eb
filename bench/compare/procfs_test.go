package main

import (
	"errors"
	"os"
	"runtime"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	f := func(text string, user, system time.Duration) {
		t.Helper()
		gotUser, gotSystem, err := parseStat(text)
		if err != nil || gotUser != user || gotSystem != system {
			t.Errorf("parseStat(%q) = %v, %v, %v, want %v, %v", text, gotUser, gotSystem, err, user, system)
		}
	}
	f("42 (weir) S 1 42 42 0 -1 4194560 1219 0 0 0 17 4 0 0 20 0 5 0 99", 170*time.Millisecond, 40*time.Millisecond)
	f("42 (a (b) c) 9) R 1 42 42 0 -1 4194560 1219 0 0 0 100 0", time.Second, 0)
}

func TestParseStatError(t *testing.T) {
	for _, text := range []string{"", "42 (weir)", "42 (weir) S 1 42 42 0 -1 0 0 0 0 0 17", "42 (a) S 1 2 3 4 5 6 7 8 9 10 x 4"} {
		if user, system, err := parseStat(text); !errors.Is(err, errProcfs) {
			t.Errorf("parseStat(%q) = %v, %v, %v, want an error", text, user, system, err)
		}
	}
}

func TestParseStatus(t *testing.T) {
	text := "Name:\tweir\nVmPeak:\t 1234567 kB\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\nThreads:\t7\n"
	resident, peak, err := parseStatus(text)
	if err != nil || resident != 10<<20 || peak != 20<<20 {
		t.Errorf("parseStatus = %d, %d, %v, want 10 and 20 MiB", resident, peak, err)
	}
	for _, text := range []string{"", "VmRSS:\t1 kB\n", "VmHWM:\t1 kB\n", "VmHWM:\t1 kB\nVmRSS:\t-1 kB\n", "VmRSS:\tx kB\n"} {
		if resident, peak, err := parseStatus(text); !errors.Is(err, errProcfs) {
			t.Errorf("parseStatus(%q) = %d, %d, %v, want an error", text, resident, peak, err)
		}
	}
}

const udpTable = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
   77: 0100007F:23A5 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 5150 2 0000000000000000 12
   78: 0100007F:23A5 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 5151 2 0000000000000000 30
   79: 0100007F:23A6 0100007F:23A5 07 00000000:00000000 00:00000000 00000000     0        0 5152 2 0000000000000000 7
`

func TestParseDrops(t *testing.T) {
	f := func(port int, want uint64) {
		t.Helper()
		if got, err := parseDrops(udpTable, port); err != nil || got != want {
			t.Errorf("drops of port %d = %d, %v, want %d", port, got, err, want)
		}
	}
	f(0x23A5, 42)
	f(0x23A6, 7)
	f(9125, 0+42) // 0x23A5
	f(1, 0)
	for _, row := range []string{"77: 0100007F:0001 0:0", "1: 0:0001 2 3 4 5 6 7 8 9 10 11 x"} {
		if got, err := parseDrops(row, 1); !errors.Is(err, errProcfs) {
			t.Errorf("parseDrops(%q) = %d, %v, want an error", row, got, err)
		}
	}
}

// The CPU clock says what /proc/PID/stat says, but to the nanosecond; and what was used is counted.
func TestReadUsage(t *testing.T) {
	needLinux(t)
	before, err := readUsage(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	after := before
	for began := time.Now(); after.cpu-before.cpu < 100*time.Millisecond && time.Since(began) < 10*time.Second; {
		if after, err = readUsage(os.Getpid()); err != nil {
			t.Fatal(err)
		}
	}
	if got := after.cpu - before.cpu; got < 100*time.Millisecond {
		t.Errorf("used %v of CPU in ten seconds of work, want 100ms", got)
	}
	if ticks := after.user + after.system; (ticks - after.cpu).Abs() > 5*tick {
		t.Errorf("stat says %v, the clock %v", ticks, after.cpu)
	}
	if after.resident < 1<<20 || after.peak < after.resident {
		t.Errorf("resident %d, peak %d bytes", after.resident, after.peak)
	}
	if u, err := readUsage(1 << 30); err == nil {
		t.Errorf("usage of no process = %+v, want an error", u)
	}
}

func needLinux(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux")
	}
}
