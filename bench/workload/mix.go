package workload

import (
	"fmt"
	"strconv"
	"strings"

	"weir/protocol"
)

// Mix is a weight for each kind, at least 0. A kind with a weight has at least one series when there are as
// many series as such kinds.
type Mix [protocol.NumKinds]int

// maxWeight is the most that ParseMix takes for a weight: products of weights and series must not overflow.
const maxWeight = 1_000_000

// RealisticMix returns the mix of a web application: 60 % counters, 20 % timers, 15 % gauges, 5 % sets.
func RealisticMix() Mix {
	return Mix{
		protocol.KindCounter: 60, protocol.KindTimer: 20, protocol.KindGauge: 15, protocol.KindSet: 5,
	}
}

// EveryKind returns a mix of all kinds: 50 % counters, 20 % timers, 15 % gauges, and 5 % histograms,
// distributions and sets each.
func EveryKind() Mix {
	return Mix{
		protocol.KindCounter: 50, protocol.KindTimer: 20, protocol.KindGauge: 15,
		protocol.KindHistogram: 5, protocol.KindDistribution: 5, protocol.KindSet: 5,
	}
}

// CountersOnly returns the mix of counters and nothing else.
func CountersOnly() Mix { return Mix{protocol.KindCounter: 1} }

// ParseMix reads a mix by its name (realistic, every or counters) or as weights of kinds, with the names
// that lines have for them: "c=60,ms=20,g=15,s=5". A kind that is not named has no weight. Only the kinds of
// EveryKind are allowed.
func ParseMix(text string) (Mix, error) {
	switch text {
	case "realistic":
		return RealisticMix(), nil
	case "every":
		return EveryKind(), nil
	case "counters":
		return CountersOnly(), nil
	}
	var mix Mix
	for pair := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(pair, "=")
		kind := kindNamed(name)
		weight, err := strconv.Atoi(value)
		if kind == protocol.NumKinds || err != nil || weight < 1 || weight > maxWeight || mix[kind] > 0 {
			return Mix{}, fmt.Errorf(
				"mix: %q: want realistic, every, counters, or weights like c=60,ms=20", text)
		}
		mix[kind] = weight
	}
	return mix, nil
}

// kindNamed returns the kind of EveryKind that has this name in lines, NumKinds when no kind has it.
func kindNamed(name string) protocol.Kind {
	for kind, weight := range EveryKind() {
		if weight > 0 && protocol.Kind(kind).String() == name {
			return protocol.Kind(kind)
		}
	}
	return protocol.NumKinds
}
