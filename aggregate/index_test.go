package aggregate_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/aggregate"
	"weir/protocol"
)

// Names and tags are told apart by where one ends, not by their bytes in a row.
func TestRawKeysDoNotRunTogether(t *testing.T) {
	r := newRegistry(nil)
	shard := r.NewShard()
	for _, s := range []protocol.Sample{
		{Name: []byte("ab"), Tags: []byte("c:1")},
		{Name: []byte("abc"), Tags: []byte(":1")},
		{Name: []byte("c:1"), Tags: []byte("ab")},
		{Name: []byte("abc:1")},
	} {
		s.Value, s.Rate = 1, 1
		shard.Record(&s)
	}
	if got := r.Stats().Series; got != 4 {
		t.Errorf("%d series, want 4", got)
	}
}

// Permuted tags are new raw keys of one series: they must not take memory without end, nor lose a count.
func TestRawKeysAreBounded(t *testing.T) {
	const budget, rounds = 256 << 10, 20_000
	r := newRegistry(nil)
	shard := r.NewShard()
	shard.SetKeyBudget(budget)
	for i := range rounds {
		shard.Record(&protocol.Sample{
			Name: []byte("x"), Tags: fmt.Appendf(nil, "a:1,a:%d,a:1", i), Value: 1, Rate: 1,
		})
		if got := shard.KeyBytes(); got > 2*budget {
			t.Fatalf("after %d permutations the keys take %d bytes, want at most %d", i, got, 2*budget)
		}
	}
	if got := value(r, `x{a="1"}`); got != rounds {
		t.Errorf("counted %v, want %d", got, rounds)
	}
}

// The shards of a registry share one budget. A shard whose keys are few keeps them while others are flooded.
func TestRawKeysOfAllShardsAreBounded(t *testing.T) {
	const budget, rounds = 256 << 10, 20_000
	r := newRegistry(nil)
	quiet := r.NewShard()
	quiet.SetKeyBudget(budget)
	line(t, quiet, "q:1|c")
	kept := quiet.KeyBytes()
	shards := []*aggregate.Shard{r.NewShard(), r.NewShard(), r.NewShard(), r.NewShard()}
	for i := range rounds {
		sum := 0
		for _, shard := range shards {
			shard.Record(&protocol.Sample{
				Name: []byte("x"), Tags: fmt.Appendf(nil, "a:1,a:%d,a:1", i), Value: 1, Rate: 1,
			})
			sum += shard.KeyBytes()
		}
		if sum > 2*budget {
			t.Fatalf("after %d permutations the keys of all shards take %d bytes, want at most %d", i, sum, 2*budget)
		}
	}
	line(t, quiet, "r:1|c") // the shard looks at its budget
	if got := quiet.KeyBytes(); got < kept {
		t.Errorf("the keys of the quiet shard took %d bytes, and take %d", kept, got)
	}
	if got := value(r, `x{a="1"}`); got != float64(len(shards)*rounds) {
		t.Errorf("counted %v, want %d", got, len(shards)*rounds)
	}
}

func TestLongRawKeysStillCount(t *testing.T) {
	const length = 100_000
	r := newRegistry(func(o *aggregate.Options) { o.Sanitize.NameMaxLength = length })
	shard := r.NewShard()
	name := strings.Repeat("n", length)
	for range 3 {
		shard.Record(&protocol.Sample{Name: []byte(name), Value: 1, Rate: 1})
	}
	if got := value(r, name); got != 3 {
		t.Errorf("counted %v, want 3", got)
	}
	if got := shard.KeyBytes(); got > 4096 {
		t.Errorf("a key that is not kept takes %d bytes", got)
	}
}
