package expose

import (
	"errors"
	"io"
	"net"
	"runtime"
	"syscall"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"
)

// listener lets connections in. It goes on when the process runs out of descriptors, which fasthttp would
// take for the end of the listener.
type listener struct {
	net.Listener

	open    *connections
	isPlain bool // it is not below TLS
	log     *crowdLog
}

// Accept waits for the next connection that is let in, and through errors that pass.
func (l *listener) Accept() (net.Conn, error) {
	const pause = 50 * time.Millisecond
	for {
		conn, err := l.Listener.Accept()
		switch {
		case err == nil:
			c := newConnection(conn)
			evicted, err := l.open.enter(c)
			l.log.report(c, evicted, err)
			if evicted != nil {
				runtime.Gosched() // requests that have come are read before more connections are let in
			}
			if err == nil {
				return c, nil
			}
			l.turnAway(conn)
		case errors.Is(err, net.ErrClosed):
			return nil, err
		case l.open.makeRoom():
			time.Sleep(time.Millisecond) // whoever serves the connection has to let it go
		default:
			time.Sleep(pause) // nobody tells when a descriptor is free again
		}
	}
}

// turnAway answers a connection for which there is no room. Nothing was sent on it before, so the kernel
// takes the answer at once.
func (l *listener) turnAway(conn net.Conn) {
	if l.isPlain {
		_, _ = io.WriteString(conn, crowdedAnswer) // as a courtesy
	}
	_ = conn.Close()
}

// crowdedAnswer is the answer, as far as there is a client for it: over TLS there is not.
const crowdedAnswer = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n" +
	"Retry-After: 1\r\nConnection: close\r\n\r\ntoo many connections\n"

// crowdLog warns once a minute when connections that are not idle are closed or turned away.
type crowdLog struct {
	log      zerolog.Logger
	warnings rate.Sometimes
}

func newCrowdLog(log zerolog.Logger) *crowdLog {
	return &crowdLog{log: log, warnings: rate.Sometimes{Interval: logInterval}}
}

// report is told what became of a new connection or a request, and which connection was closed for it.
func (l *crowdLog) report(c, evicted *connection, err error) {
	switch {
	case evicted != nil && evicted.stage != stageIdle:
		c = evicted
	case !errors.Is(err, errCrowded):
		return
	}
	l.warnings.Do(func() {
		l.log.Warn().Stringer("client", c.client).
			Msg("too many HTTP connections: closing clients that send no request or do not read the answer")
	})
}

// maxOpen returns how many connections there may be: an eighth of the files that the process may have open,
// within minConnections and maxConnections. The listeners for lines need files, too.
func maxOpen() int {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil || files.Cur >= 8*maxConnections {
		return maxConnections
	}
	return max(int(files.Cur)/8, minConnections)
}
