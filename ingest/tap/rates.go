package tap

import (
	"fmt"
	"time"
	"unsafe"

	"weir/aggregate/label"
)

// ruleKey is where a mapping rule stands.
type ruleKey struct {
	file string
	line int
}

// Rates are samples a second, estimated from a sample of lines: the average of the last two steps of 5 s. A
// nil Rates knows nothing: nobody looked, or the first step has not ended.
type Rates struct {
	// Since is when somebody began to look, At when these rates were made.
	Since, At time.Time
	// Every says that the last step looked at one in so many lines. At 1 the rates are exact.
	Every uint64

	families map[string]FamilyRate
	series   map[label.ID]float64
	rules    map[ruleKey]float64
	total    float64
	lacks    lacking
}

// lacking says of what there are more than are kept.
type lacking struct{ families, series, rules bool }

// FamilyRate is the rate of one family.
type FamilyRate struct {
	// PerSecond is samples a second.
	PerSecond float64
	// History is samples a second in the last steps of 5 s, oldest first: at most 60, and none from before
	// somebody looked. It is shared and must not be changed.
	History []float64
	// Senders are up to 5 senders of the family, most samples first; SendersMore is how many more
	// were seen, as far as they were told apart.
	Senders     []SenderRate
	SendersMore int
}

// SenderRate is the samples a second that a sender sends of one family.
type SenderRate struct {
	Sender Sender
	// Program is the program of its process; empty when it is not known.
	Program   string
	PerSecond float64
}

// Sample says which part of the lines the rates come from, like "1 in 250 lines".
func (r *Rates) Sample() string {
	switch {
	case r == nil:
		return ""
	case r.Every <= 1:
		return "every line"
	default:
		return fmt.Sprintf("1 in %d lines", r.Every)
	}
}

// Total returns the samples a second of all families; 0 when it is not known.
func (r *Rates) Total() float64 {
	if r == nil {
		return 0
	}
	return r.total
}

// Family returns the rate of a family by its name; false when it is not known.
func (r *Rates) Family(name string) (FamilyRate, bool) {
	if r == nil {
		return FamilyRate{}, false
	}
	rate, found := r.families[name]
	return rate, found || !r.lacks.families
}

// Series returns the samples a second of a series by the name of its family and its labels; false when that
// is not known.
func (r *Rates) Series(family string, labels label.Labels) (perSecond float64, known bool) {
	if r == nil {
		return 0, false
	}
	rate, found := r.series[labels.ID(family)]
	return rate, found || !r.lacks.series
}

// Rule returns the samples a second that a mapping rule matches; false when that is not known.
func (r *Rates) Rule(file string, line int) (perSecond float64, known bool) {
	if r == nil {
		return 0, false
	}
	rate, found := r.rules[ruleKey{file, line}]
	return rate, found || !r.lacks.rules
}

func (r *Rates) bytes() int {
	if r == nil {
		return 0
	}
	size := len(r.series)*32 + len(r.rules)*64
	for _, f := range r.families { // the history is that of an estimate
		size += int(unsafe.Sizeof(f)) + len(f.Senders)*int(unsafe.Sizeof(SenderRate{})) + 32
	}
	return size
}
