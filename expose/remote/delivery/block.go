package delivery

import "time"

// Protocol is how a request is written and which headers it has.
type Protocol uint8

// The protocols.
const (
	RemoteWrite1 Protocol = iota
	RemoteWrite2
	OTLP
)

// String returns the name of a protocol as the configuration has it.
func (p Protocol) String() string { return [...]string{"1.0", "2.0", "otlp"}[p] }

// Holds says what samples a request has. Receivers that do not take one sort refuse the whole request, so
// sorts are apart.
type Holds uint8

// What requests hold.
const (
	Floats   Holds = iota
	Births         // zeros before the first values of new series
	Natives        // native histograms
	Metadata       // types and helps, no samples
)

// Block is one request. It is encoded and compressed once, and each attempt sends the same bytes: a receiver
// that has them already takes them again, and would refuse other values with the same times.
type Block struct {
	// Made is the time of the samples, to a millisecond. It never falls from block to block.
	Made time.Time
	// Protocol says how Body is written.
	Protocol Protocol
	// Holds says which samples there are.
	Holds Holds
	// Samples is how many there are.
	Samples int
	// Body is the request as it is sent: a snappy block, or gzip for OTLP.
	Body []byte
}
