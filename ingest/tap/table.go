package tap

import (
	"cmp"
	"hash/maphash"
	"math"
	"math/bits"
	"slices"
	"unsafe"

	"weir/protocol"
)

const (
	// maxSenders bounds how many senders a lane tells apart. With many lanes there are fewer of each, down to
	// minSenders, so that all have maxAllSenders: about half a KiB each.
	maxSenders, minSenders, maxAllSenders = 1024, 64, 16384

	// idleSeconds is after how long without a line a sender gives its place to another, if that finds none.
	idleSeconds = 60

	// maxEvictions bounds how many senders give their place at a time.
	maxEvictions = maxSenders / 8

	// portWords is how many words of 64 ports each remember which ports a sender used.
	portWords = 16
)

// facts are what is always counted of a sender: events of slow paths.
type facts struct {
	created, refused uint64
	rejected         [protocol.NumReasons]uint64 // by reason
}

func (f *facts) add(o *facts) {
	f.created += o.created
	f.refused += o.refused
	for reason, n := range &o.rejected {
		f.rejected[reason] += n
	}
}

// row is what is known of one sender.
type row struct {
	sender   Sender
	program  string
	lastSeen int64 // second of its last line, as far as that was looked at, or of its last fact
	facts    facts
	watched  watched
}

// watched are counts since somebody looks.
type watched struct {
	runs, lines, samples uint64
	stepLines            uint64     // lines at the end of the last step
	rates                [2]float64 // lines a second in the last step, and the one before
	steps                int
	ports                [portWords]uint64 // a bit for each port, modulo their number
}

// rate returns the lines a second in the last two steps.
func (w *watched) rate() float64 {
	if w.steps < 2 {
		return w.rates[0]
	}
	return (w.rates[0] + w.rates[1]) / 2
}

// step ends a step of so many seconds.
func (w *watched) step(seconds float64) {
	w.rates[0], w.rates[1] = float64(w.lines-w.stepLines)/seconds, w.rates[0]
	w.stepLines = w.lines
	w.steps++
}

func (w *watched) add(o *watched) {
	w.runs += o.runs
	w.lines += o.lines
	w.samples += o.samples
	w.stepLines += o.stepLines
	w.rates[0] += o.rates[0]
	w.rates[1] += o.rates[1]
	w.steps = max(w.steps, o.steps)
	for i, ports := range &o.ports {
		w.ports[i] |= ports
	}
}

func (w *watched) used(port uint16) {
	bit := port % (64 * portWords)
	w.ports[bit/64] |= 1 << (bit % 64)
}

// addresses returns how many ports were used, which is exact while no two of them have one bit.
func (w *watched) addresses() int { return distinct(w.ports[:]) }

// distinct estimates how many different things have set a bit each: linear counting.
func distinct(words []uint64) int {
	set, size := 0, 64*len(words)
	for _, word := range words {
		set += bits.OnesCount64(word)
	}
	free := max(1, size-set)
	return int(math.Round(float64(size) * math.Log(float64(size)/float64(free))))
}

// table has a row for each sender of a lane, up to maxSenders. Senders that find no place share one.
type table struct {
	rows    map[Sender]*row
	last    *row // the row that was found last; may be nil
	others  row
	strange [64]uint64 // a bit for the hash of each sender of others
	scanned int64      // second of the last search for an idle sender
}

// find returns the row of a sender. It makes a row for a new sender, or returns the row of the others when
// the table is full.
func (t *table) find(s Sender, now int64, tap *Tap) *row {
	if t.last != nil && t.last.sender == s {
		return t.last
	}
	found := t.rows[s]
	if found == nil {
		if len(t.rows) >= tap.sendersOfLane() && !t.evict(now, tap.seed) {
			t.fold(s, tap.seed)
			return &t.others
		}
		found = &row{sender: s, program: tap.programs.Name(s.PID)}
		if t.rows == nil {
			t.rows = make(map[Sender]*row)
		}
		t.rows[s] = found
	}
	t.last = found
	return found
}

// fold notes that a sender is one of the others.
func (t *table) fold(s Sender, seed maphash.Seed) {
	hash := maphash.Comparable(seed, s)
	t.strange[hash/64%uint64(len(t.strange))] |= 1 << (hash % 64)
}

// evict folds the senders that were idle for longest into the others, and reports whether there are any. It
// searches at most once a second.
func (t *table) evict(now int64, seed maphash.Seed) bool {
	if t.scanned == now {
		return false
	}
	t.scanned = now
	var idle []*row
	for _, r := range t.rows {
		if now-r.lastSeen >= idleSeconds {
			idle = append(idle, r)
		}
	}
	slices.SortFunc(idle, func(a, b *row) int { return cmp.Compare(a.lastSeen, b.lastSeen) })
	for _, r := range idle[:min(len(idle), maxEvictions)] {
		t.remove(r)
		t.fold(r.sender, seed)
		t.others.facts.add(&r.facts)
		t.others.watched.add(&r.watched)
		t.others.lastSeen = max(t.others.lastSeen, r.lastSeen)
	}
	return len(idle) > 0
}

func (t *table) remove(r *row) {
	delete(t.rows, r.sender)
	if t.last == r {
		t.last = nil
	}
}

// begin sets the counts to zero that are kept only while somebody looks, and forgets senders without facts.
func (t *table) begin() {
	for _, r := range t.rows {
		r.watched = watched{}
		if r.facts == (facts{}) {
			t.remove(r)
		}
	}
	t.others.watched = watched{}
	if t.others.facts == (facts{}) {
		clear(t.strange[:])
	}
}

// step ends a step of so many seconds.
func (t *table) step(seconds float64) {
	for _, r := range t.rows {
		r.watched.step(seconds)
	}
	t.others.watched.step(seconds)
}

// bytes returns about how much memory is used.
func (t *table) bytes() int {
	const entry = int(unsafe.Sizeof(row{})+unsafe.Sizeof(Sender{})) + 32
	return len(t.rows) * entry
}
