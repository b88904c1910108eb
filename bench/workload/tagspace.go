package workload

import "math/rand/v2"

// tagSpace is every tag section that the series of one family may have, numbered: a mixed-radix number with
// one digit for each tag. It hands out as many distinct sections as it was made for, scattered by a stride
// that has no common factor with its size, so that neighbours differ in most tags.
type tagSpace struct {
	keys           []tagKey
	sizes          []uint64 // how many values each key has
	offset, stride uint64
}

// newTagSpace returns a space of at least n sections; the first key gets more values if that takes it.
func newTagSpace(tags, n int, random *rand.Rand) tagSpace {
	s := tagSpace{keys: tagKeys(tags), sizes: make([]uint64, tags)}
	if tags == 0 {
		return s
	}
	others := uint64(1)
	for i := 1; i < tags; i++ {
		s.sizes[i] = uint64(len(s.keys[i].values))
		others *= s.sizes[i]
	}
	s.sizes[0] = max(uint64(len(s.keys[0].values)), (uint64(n)+others-1)/others)
	total := s.sizes[0] * others
	s.offset = random.Uint64N(total)
	for s.stride = 1 + random.Uint64N(total); gcd(s.stride, total) != 1; {
		s.stride = 1 + random.Uint64N(total)
	}
	return s
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// appendTags appends the tags of the i-th section.
func (s *tagSpace) appendTags(dst []Label, i int) []Label {
	number := s.offset + uint64(i)*s.stride
	for k := range s.keys {
		dst = append(dst, Label{Name: s.keys[k].name, Value: s.keys[k].value(number % s.sizes[k])})
		number /= s.sizes[k]
	}
	return dst
}
