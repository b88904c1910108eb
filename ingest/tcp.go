package ingest

import (
	"net/netip"

	"github.com/panjf2000/gnet/v2"

	"weir/internal/listen"
)

// tcp is the transport of TCP.
type tcp struct {
	*streamLoop

	bound []netip.AddrPort
}

func probeTCP(o *Options) error {
	_, err := listen.Addresses("tcp", "ingest.tcp", o.TCP)
	return err
}

func newTCP(s *shared) transport {
	t := &tcp{streamLoop: newStreamLoop(s, "tcp", framingNewline)}
	t.listen = t.open
	t.listenerOf = func(c gnet.Conn) string { return "tcp://" + c.LocalAddr().String() }
	return t
}

func (t *tcp) start() (err error) {
	if t.bound, err = listen.Addresses("tcp", "ingest.tcp", t.shared.options.TCP); err != nil {
		return err
	}
	return t.open()
}

// open opens a listener on each address and begins to read.
func (t *tcp) open() error {
	if err := t.serve(urls("tcp", t.bound)); err != nil {
		return listenError("tcp", t.bound, err)
	}
	return nil
}

func (t *tcp) addresses() []string { return texts(t.bound) }
