package aggregate_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cespare/xxhash/v2"

	"weir/aggregate/label"
	"weir/protocol"
)

const (
	prime1 = 11400714785074694791
	prime2 = 14029467366897019727
)

// collisions returns n values of label "k" that give the series of a name the same label.ID.
//
// XXH64 reads stripes of four lanes of 8 bytes. A lane's sum is rotl(sum + input*prime2, 31) * prime1, so a
// change of one lane in one stripe can be taken back by the same lane in the next: the second input makes up
// for the difference of the sums. The inputs here are printable, since weir drops control characters.
func collisions(t *testing.T, name string, n int) (values []string) {
	t.Helper()
	before := "__name__\xff" + name + "\xffk\xff"
	fill := (32 - len(before)%32) % 32 // the value's first stripe begins there
	head := make([]byte, fill)
	for i := range head {
		head[i] = '.'
	}
	random := rand.New(rand.NewPCG(1, 2))
	// The sum of the first lane before the stripe that is changed does not matter for others, but must be
	// known: it is that of the bytes before.
	sum := uint64(prime1)
	sum += prime2
	text := before + string(head)
	for i := 0; i < len(text); i += 32 {
		sum = round(sum, binary.LittleEndian.Uint64([]byte(text[i:])))
	}
	inverse := uint64(prime2) // of prime2 modulo 2^64, by Newton's iteration
	for range 6 {
		inverse *= 2 - prime2*inverse
	}
	const first, second = "firstval", "secondva"
	target := round(sum, binary.LittleEndian.Uint64([]byte(first))) + binary.LittleEndian.Uint64([]byte(second))*prime2
	rest := "........................" // of a stripe
	values = append(values, string(head)+first+rest+second+rest)
	for len(values) < n {
		var x [8]byte
		for i := range x {
			x[i] = byte('a' + random.IntN(26))
		}
		input := (target - round(sum, binary.LittleEndian.Uint64(x[:]))) * inverse
		var y [8]byte
		binary.LittleEndian.PutUint64(y[:], input)
		if isPlain(y[:]) {
			values = append(values, string(head)+string(x[:])+rest+string(y[:])+rest)
		}
	}
	return values
}

func round(sum, input uint64) uint64 { return bits.RotateLeft64(sum+input*prime2, 31) * prime1 }

// isPlain reports whether a tag can have the bytes as they are.
func isPlain(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c > '~' || c == ',' || c == '|' || c == ':' || c == '"' || c == '\\' || c == '\n' {
			return false
		}
	}
	return true
}

// Series whose label sets have one ID are different series, in every respect; beyond a few they are refused
// and counted, so that nobody can make lookups slow.
func TestCollidingLabelSets(t *testing.T) {
	values := collisions(t, "c", 10)
	id := func(value string) label.ID { return label.IDOf("c", `k="`+value+`"`) }
	for _, value := range values {
		if id(value) != id(values[0]) || id(value) != label.ID(xxhash.Sum64String("__name__\xffc\xffk\xff"+value+"\xff")) {
			t.Fatalf("%q and %q do not collide", value, values[0])
		}
	}
	r := newRegistry(nil)
	shard := r.NewShard()
	for i, value := range values {
		sample := &protocol.Sample{
			Kind: protocol.KindCounter, Name: []byte("c"), Tags: []byte("k:" + value), Value: float64(i + 1), Rate: 1,
		}
		want := protocol.ReasonNone
		if i >= 8 {
			want = protocol.ReasonHashCollision
		}
		for range 2 { // the second finds the raw key
			if got := shard.Record(sample); got != want {
				t.Fatalf("value %d: %v, want %v", i, got, want)
			}
		}
	}
	for i, v := range values[:8] {
		if got := value(r, fmt.Sprintf(`c{k="%s"}`, v)); got != 2*float64(i+1) {
			t.Errorf("series %d = %v, want %v", i, got, 2*(i+1))
		}
	}
	if got := r.Stats().Series; got != 8 {
		t.Errorf("%d series, want 8", got)
	}
}

// Colliding series expire each by itself, and make room for others.
func TestCollidingSeriesExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		values := collisions(t, "c", 9)
		r := running(t, withTTL(10*time.Second))
		shard := r.NewShard()
		record := func(value string) protocol.Reason {
			return shard.Record(&protocol.Sample{
				Kind: protocol.KindCounter, Name: []byte("c"), Tags: []byte("k:" + value), Value: 1, Rate: 1,
			})
		}
		for _, v := range values[:8] {
			record(v)
		}
		for range 3 { // the first, and two that collide with it, stay
			pass(4 * time.Second)
			for _, v := range []string{values[0], values[3], values[7]} {
				record(v)
			}
		}
		pass(time.Second)
		for i, v := range values {
			want := math.NaN()
			if i == 0 || i == 3 || i == 7 {
				want = 4
			}
			if got := value(r, fmt.Sprintf(`c{k="%s"}`, v)); got != want && !math.IsNaN(want) || math.IsNaN(want) != math.IsNaN(got) {
				t.Errorf("series %d = %v, want %v", i, got, want)
			}
		}
		if got := record(values[8]); got != protocol.ReasonNone {
			t.Errorf("a new series after others expired: %v", got)
		}
		pass(20 * time.Second)
		if got := r.Stats(); got.Series != 0 || got.Families != 0 || got.SeriesExpired != 9 {
			t.Errorf("%+v, want all expired", got)
		}
	})
}
