package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	batch         = 64       // datagrams of one system call, as many as weir's
	maxDatagram   = 64 << 10 // bytes; memory that is not touched costs nothing
	receiveBuffer = 16 << 20 // bytes of the socket's, as many as weir asks for
)

// counts are how much was taken.
type counts struct {
	datagrams, bytes atomic.Uint64 // written by the receiving loop; read when a signal asks
}

// message is the kernel's struct mmsghdr (recvmmsg(2)); the compiler pads it as C does.
type message struct {
	header unix.Msghdr
	length uint32 // of the datagram
}

// serve receives on a port of 127.0.0.1 until a signal ends the process, or an error.
func serve(port int, stdout io.Writer) error {
	fd, err := listen(port)
	if err != nil {
		return fmt.Errorf("listen on port %d: %w", port, err)
	}
	var taken counts
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, unix.SIGUSR1)
	go func() { // ends with the process
		for range asked {
			fmt.Fprintln(stdout, taken.datagrams.Load(), taken.bytes.Load())
		}
	}()
	fmt.Fprintln(stdout, "ready")
	return receive(fd, &taken)
}

func listen(port int) (fd int, err error) {
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveBuffer) != nil {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer); err != nil {
			return 0, err
		}
	}
	return fd, unix.Bind(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
}

// receive counts datagrams until there is an error. The memory that the kernel writes to is of the heap,
// where it does not move.
func receive(fd int, taken *counts) error {
	runtime.LockOSThread()
	vectors := new([batch]unix.Iovec)
	messages := new([batch]message)
	space := make([]byte, batch*maxDatagram)
	for i := range messages {
		vectors[i].Base = &space[i*maxDatagram]
		vectors[i].SetLen(maxDatagram)
		messages[i].header.Iov = &vectors[i]
		messages[i].header.SetIovlen(1)
	}
	for {
		n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(messages)),
			batch, unix.MSG_WAITFORONE, 0, 0)
		if errno != 0 && errno != unix.EINTR {
			return fmt.Errorf("receive: %w", errno)
		}
		if errno != 0 {
			continue
		}
		bytes := uint64(0)
		for i := range int(n) {
			bytes += uint64(messages[i].length)
		}
		taken.datagrams.Add(uint64(n))
		taken.bytes.Add(bytes)
	}
}
