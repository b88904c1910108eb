package bytesize

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, 0 to 2147483647, so that it fits an int on every platform. It is written as
// "4MiB", "64KiB", "1GiB", "512B" or a bare number.
type Size int

// The units.
const (
	KiB Size = 1 << 10
	MiB Size = 1 << 20
	GiB Size = 1 << 30
)

// units are tried in this order: "B" is the end of all the others.
var units = []struct {
	suffix string
	bytes  Size
}{{"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB}, {"B", 1}}

// Parse reads a whole number with an optional unit of B, KiB, MiB or GiB. The error says what a size looks
// like.
func Parse(s string) (Size, error) {
	text, unit := strings.TrimSpace(s), Size(1)
	for _, u := range units {
		if number, ok := strings.CutSuffix(text, u.suffix); ok {
			text, unit = strings.TrimSpace(number), u.bytes
			break
		}
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || Size(n) > math.MaxInt32/unit {
		return 0, fmt.Errorf("%q: want a size like 4MiB, 64KiB or 512B", s)
	}
	return Size(n) * unit, nil
}

// UnmarshalText reads text as Parse does. When it returns an error, s is unchanged.
func (s *Size) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}

// MarshalText writes s as String does.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String writes s with the largest unit that divides it, like "4MiB"; Parse reads it back.
func (s Size) String() string {
	for _, u := range units {
		if s != 0 && s%u.bytes == 0 {
			return strconv.Itoa(int(s/u.bytes)) + u.suffix
		}
	}
	return "0B"
}
