package dgram

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// spreadRandomly makes the kernel give each datagram to a random one of the sockets that share the port of
// fd, of which there are so many, instead of the socket that the addresses and ports of both ends hash to.
//
// The program is classic BPF (SO_ATTACH_REUSEPORT_CBPF, socket(7)); it returns the index of a socket:
//
//	A = a random number
//	A = A mod sockets
//	return A
func spreadRandomly(fd, sockets int) error {
	program := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: ancillaryRandom},
		{Code: unix.BPF_ALU | unix.BPF_MOD | unix.BPF_K, K: uint32(sockets)},
		{Code: unix.BPF_RET | unix.BPF_A},
	}
	err := unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_REUSEPORT_CBPF,
		&unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]})
	if err != nil {
		return fmt.Errorf("spread datagrams at random: %w: try ingest.spread: flow", err)
	}
	return nil
}

// ancillaryRandom is the address of a random number: SKF_AD_OFF + SKF_AD_RANDOM (linux/filter.h), -0x1000 +
// 56 as an unsigned number.
const ancillaryRandom = 1<<32 - 0x1000 + 56
