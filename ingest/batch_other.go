//go:build !linux

package ingest

import "net"

// batchDatagrams is how many datagrams one receive takes at most.
const batchDatagrams = 1

// batch is nothing where there is no recvmmsg: gnet reads every datagram.
type batch struct{}

func newBatch(int) *batch { return &batch{} }

func (*batch) receive(int) (int, error) { return 0, nil }

func (*batch) datagram(int) (bytes []byte, cut bool) { return nil, false }

// RemoteAddr never has anything to tell.
func (*batch) RemoteAddr() net.Addr { return nil }
