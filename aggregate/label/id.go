package label

import (
	"fmt"

	"github.com/cespare/xxhash/v2"
)

// ID identifies a series: the xxhash (XXH64, seed 0) of its label set with its family's name as the label
// "__name__", sorted by name, each label as name 0xff value 0xff. It is labels.StableHash of Prometheus
// (model/labels/sharding.go, "guaranteed to not change over time"), so it is the same in every process, on
// every machine, and in other programs that shard series by it.
//
// IDs can collide: anybody can make label sets that do, since xxhash has no secret. Compare the label sets of
// series that are found by an ID.
type ID uint64

// String returns the ID as 16 hexadecimal digits.
func (id ID) String() string { return fmt.Sprintf("%016x", uint64(id)) }

const (
	nameLabel = "__name__"
	separator = '\xff'

	// usualBytes is how many bytes are hashed without an allocation. A larger buffer costs every call, since
	// Go clears it first: 1 KiB takes a quarter more time for three labels (BenchmarkID).
	usualBytes = 256
)

// ID returns the ID of the series with this label set in the family of a name, which is without such a label
// when it is empty.
func (l Labels) ID(name string) ID { return IDOf(name, l.text) }

// IDOf returns the ID of a series by its name and the text of its label set. It allocates nothing
// unless both are longer than 256 bytes together.
func IDOf[T ~string | ~[]byte](name, labels T) ID {
	var buffer [usualBytes]byte
	b, named := buffer[:0], len(name) == 0
	for len(labels) > 0 {
		var key, value T
		key, value, labels = cut(labels)
		if !named && string(key) > nameLabel {
			b, named = appendPair(b, nameLabel, name), true
		}
		b = append(append(b, key...), separator)
		b = append(AppendUnescaped(b, value), separator)
	}
	if !named {
		b = appendPair(b, nameLabel, name)
	}
	return ID(xxhash.Sum64(b))
}

func appendPair[T ~string | ~[]byte](dst []byte, name string, value T) []byte {
	dst = append(append(dst, name...), separator)
	return append(append(dst, value...), separator)
}
