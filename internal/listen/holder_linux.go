package listen

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// holder returns the program and the id of the process whose socket keeps others from listening at an address
// or path, like "weir (process 4711)". It is empty when /proc does not tell, as for processes of other users.
// isFree says that there is no such socket.
func holder(network, address string) (name string, isFree bool) {
	var inodes []string
	switch {
	case strings.HasPrefix(network, "unix"):
		inodes = inodesOfPath("/proc/net/unix", address)
	case network == "udp":
		inodes = append(inodesOfPort("/proc/net/udp", address), inodesOfPort("/proc/net/udp6", address)...)
	default:
		inodes = append(inodesOfPort("/proc/net/tcp", address), inodesOfPort("/proc/net/tcp6", address)...)
	}
	return processWith(inodes), len(inodes) == 0 && canRead("/proc/net/unix")
}

func canRead(table string) bool {
	_, err := os.Stat(table)
	return err == nil
}

// inodesOfPath returns the inodes of sockets that are bound to a path.
//
//	00000000b26d4256: 00000002 00000000 00010000 0001 01  1606 /run/weir.sock
func inodesOfPath(table, path string) (inodes []string) {
	for fields := range rows(table) {
		if len(fields) >= 8 && fields[7] == path {
			inodes = append(inodes, fields[6])
		}
	}
	return inodes
}

// inodesOfPort returns the inodes of sockets that are bound to the port of an address: at its IP address, or
// where one of the two means all.
//
//	1: 0100007F:23A5 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000  0 2422998 1 ...
func inodesOfPort(table, address string) (inodes []string) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil
	}
	want, err := netip.ParseAddr(host)
	isAny := err != nil || want.IsUnspecified() // a name may be any address
	for fields := range rows(table) {
		if len(fields) < 10 {
			continue
		}
		ip, port, ok := parseLocal(fields[1])
		isConnected := fields[3] == "01" || fields[3] == "06" // or waits for its end: it keeps nobody out
		if ok && !isConnected && strconv.Itoa(port) == portText &&
			(isAny || ip.IsUnspecified() || ip == want) {
			inodes = append(inodes, fields[9])
		}
	}
	return inodes
}

// parseLocal parses an address as the kernel prints it: words of 32 bits in the order of the machine, and the
// port as a number, like 0100007F:23A5.
func parseLocal(text string) (ip netip.Addr, port int, ok bool) {
	words, portText, _ := strings.Cut(text, ":")
	b, err := hex.DecodeString(words)
	number, portErr := strconv.ParseUint(portText, 16, 16)
	if err != nil || portErr != nil || len(b)%4 != 0 {
		return ip, 0, false
	}
	for i := 0; i < len(b); i += 4 {
		binary.NativeEndian.PutUint32(b[i:], binary.BigEndian.Uint32(b[i:]))
	}
	ip, ok = netip.AddrFromSlice(b)
	return ip.Unmap(), int(number), ok
}

// rows returns the fields of each row of a table of the kernel, below its heading; none when it cannot be
// read.
func rows(table string) func(yield func(fields []string) bool) {
	return func(yield func([]string) bool) {
		file, err := os.Open(table)
		if err != nil {
			return
		}
		defer file.Close()
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			if !yield(strings.Fields(lines.Text())) {
				return
			}
		}
	}
}

// processWith returns the process that has one of the sockets open, like "weir (process 4711)". It names this
// process only when no other has one: the kernel still lists a socket whose path was removed under that path,
// beside the socket of the process that has the path now.
func processWith(inodes []string) (name string) {
	wanted := make(map[string]bool)
	for _, inode := range inodes {
		wanted["socket:["+inode+"]"] = true
	}
	self := strconv.Itoa(os.Getpid())
	descriptors, _ := filepath.Glob("/proc/[0-9]*/fd/[0-9]*") // the pattern is right
	for _, descriptor := range descriptors {
		if target, err := os.Readlink(descriptor); err != nil || !wanted[target] {
			continue
		}
		process := filepath.Dir(filepath.Dir(descriptor))
		comm, _ := os.ReadFile(filepath.Join(process, "comm")) // it may have ended just now
		program := strings.TrimSpace(string(comm))
		if program == "" {
			continue
		}
		name = program + " (process " + filepath.Base(process) + ")"
		if filepath.Base(process) != self {
			return name
		}
	}
	return name
}
