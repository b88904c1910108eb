package protocol

// Kind is what the sender says a sample is: the letters after the value of a line.
type Kind uint8

// The kinds a line can carry, with the letters that write them.
const (
	KindCounter      Kind = iota // c: an increment
	KindGauge                    // g: a level, set or (Sample.Relative) moved
	KindTimer                    // ms: a duration in milliseconds
	KindHistogram                // h: an observation in the sender's unit
	KindDistribution             // d: an observation in the sender's unit
	KindSet                      // s: a member of a set; Sample.Text names it
	KindMeter                    // m: an increment, as a counter's
	KindCheck                    // _sc|: a service check; see Decoder.Check
	KindEvent                    // _e{: an event; see Decoder.Event. It belongs to no series

	NumKinds // how many kinds there are; not a kind
)

// Sample is one value of one line.
//
// Name, Tags and Text are views into the bytes given to Decoder.Reset: they are valid until those bytes
// change and must be copied to be kept.
type Sample struct {
	// Name is the name as sent, with the tags that a dialect writes into it (see SplitName); never empty, any
	// bytes but newline and ':'. For a check it is the name of the check, for an event its title.
	Name []byte
	// Tags is the tag section as sent, without the leading '#': "k:v,bare,k2:v2". It is empty without one.
	Tags []byte
	// Text is the value as sent; never empty. For checks and events it is the line.
	Text []byte
	// Container is the container id (c:), External the external data (e:), as sent; nil when they are not.
	Container, External []byte
	// Timestamp (T) is in seconds since the epoch, 0 without one.
	Timestamp int64
	// Value is Text as a number: finite, infinite or NaN. It is 0 for a set.
	Value float64
	// Rate is the sample rate, in (0, 1]; 1 when the line has none.
	Rate float64
	// Kind is what the sender says the sample is.
	Kind Kind
	// Relative says that a gauge's value carries a sign and moves the gauge instead of setting it.
	Relative bool
}

// String returns the letters that write the kind.
func (k Kind) String() string {
	if k >= NumKinds {
		return "unknown"
	}
	return kindLetters[k]
}

var kindLetters = [NumKinds]string{
	KindCounter: "c", KindGauge: "g", KindTimer: "ms",
	KindHistogram: "h", KindDistribution: "d", KindSet: "s",
	KindMeter: "m", KindCheck: "_sc", KindEvent: "_e",
}

// kindOfLetter holds the kind that a type of one letter says, NumKinds for other letters.
var kindOfLetter = func() (kinds [256]Kind) {
	for letter := range kinds {
		kinds[letter] = NumKinds
	}
	for kind, letters := range kindLetters {
		if len(letters) == 1 {
			kinds[letters[0]] = Kind(kind)
		}
	}
	return kinds
}()
