package aggregate

import "sync/atomic"

// createdAsZero hides the value of a new series from readers: they see the beginning, 0, until a scrape has been
// served with that 0 and the series has been there for long enough. Prometheus takes the first value that it
// sees of a counter as its beginning, so increase() would miss all that came before the first scrape.
//
// The word is the second from which on the series is known to be there; 0 once its value is shown.
type createdAsZero struct{ word atomic.Uint32 }

// servedBit marks a newborn whose beginning was served to a scrape.
const servedBit = 1 << 31

func (n *createdAsZero) begin(now uint32) { n.word.Store(now &^ servedBit) }

func (n *createdAsZero) end() { n.word.Store(0) }

// hides reports whether readers see the beginning instead of the value. It changes nothing.
func (n *createdAsZero) hides(now, hold uint32) bool {
	word := n.word.Load()
	return word != 0 && (word&servedBit == 0 || now&^servedBit-word&^servedBit < hold)
}

// served notes that a scrape was served, and reports whether readers see the value from now on.
func (n *createdAsZero) served(now, hold uint32) bool {
	word := n.word.Load()
	if word != 0 && n.word.CompareAndSwap(word, word|servedBit) && !n.hides(now, hold) {
		n.end()
		return true
	}
	return word == 0
}
