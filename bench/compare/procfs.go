package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"weir/bench/process"
)

// tick is the unit of times in /proc/PID/stat: sysconf(_SC_CLK_TCK) is 100 on every platform that Go knows.
const tick = time.Second / 100

var errProcfs = errors.New("not as proc(5) says")

// parseStat reads the user and the system time of /proc/PID/stat.
//
//	4242 (a (b) c) S 1 4242 4242 0 -1 4194560 1219 0 0 0 17 4 0 0 20 0 ...
//	     ^ may hold anything, up to the last ")"         ^^ ^ user, system
func parseStat(text string) (user, system time.Duration, err error) {
	const userField, systemField = 11, 12 // behind the name
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) <= systemField {
		return 0, 0, fmt.Errorf("stat %q: %w", text, errProcfs)
	}
	var ticks [2]int64
	for i, field := range []string{fields[userField], fields[systemField]} {
		if ticks[i], err = strconv.ParseInt(field, 10, 64); err != nil {
			return 0, 0, fmt.Errorf("stat %q: %w", text, errProcfs)
		}
	}
	return time.Duration(ticks[0]) * tick, time.Duration(ticks[1]) * tick, nil
}

// parseStatus reads the memory resident now and at most so far, in bytes, of /proc/PID/status.
func parseStatus(text string) (resident, peak uint64, err error) {
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		var to *uint64
		switch name {
		case "VmRSS":
			to = &resident
		case "VmHWM":
			to = &peak
		default:
			continue
		}
		kilobytes, err := strconv.ParseUint(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 44)
		if err != nil {
			return 0, 0, fmt.Errorf("status %q: %w", line, errProcfs)
		}
		*to = kilobytes << 10
	}
	if resident == 0 || peak == 0 {
		return 0, 0, fmt.Errorf("status has no VmRSS or VmHWM: %w", errProcfs)
	}
	return resident, peak, nil
}

// parseDrops adds up what the kernel dropped of the sockets on a local port, by /proc/net/udp.
//
//	77: 0100007F:23A5 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 5150 2 0000 12
//	             ^^^^ port                                                                   ^^ drops
func parseDrops(text string, port int) (drops uint64, err error) {
	const addressField, dropsField = 1, 12
	suffix := fmt.Sprintf(":%04X", port)
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) <= addressField || !strings.HasSuffix(fields[addressField], suffix) {
			continue
		}
		if len(fields) <= dropsField {
			return 0, fmt.Errorf("udp %q: %w", line, errProcfs)
		}
		n, err := strconv.ParseUint(fields[dropsField], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("udp %q: %w", line, errProcfs)
		}
		drops += n
	}
	return drops, nil
}

// usage is the resources that a process has used so far.
type usage struct {
	cpu            time.Duration // user and system, exact
	user, system   time.Duration // the same, in ticks
	resident, peak uint64        // bytes
}

// readUsage asks the kernel what a process has used.
func readUsage(pid int) (u usage, err error) {
	directory := "/proc/" + strconv.Itoa(pid)
	if u.cpu, err = cpuTime(pid); err != nil {
		return u, fmt.Errorf("CPU clock of process %d: %w", pid, err)
	}
	stat, err := os.ReadFile(directory + "/stat")
	if err != nil {
		return u, err
	}
	if u.user, u.system, err = parseStat(string(stat)); err != nil {
		return u, err
	}
	status, err := os.ReadFile(directory + "/status")
	if err != nil {
		return u, err
	}
	u.resident, u.peak, err = parseStatus(string(status))
	return u, err
}

// kernelDrops asks the kernel how many datagrams it dropped of the UDP sockets at an address.
func kernelDrops(address string) (uint64, error) {
	text, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		return 0, err
	}
	return parseDrops(string(text), process.Port(address))
}
