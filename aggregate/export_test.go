package aggregate

import (
	"unsafe"

	"weir/aggregate/mapping"
)

// The sizes of cells.
const (
	CounterSize  = unsafe.Sizeof(counter{})
	ObserverSize = unsafe.Sizeof(observer{})
)

// ClockPadding returns how many bytes are between what hits read of a clock and what is before and behind it.
func ClockPadding() (before, behind uintptr) {
	var c clock
	return unsafe.Offsetof(c.coarse) - (unsafe.Offsetof(c.passed) + unsafe.Sizeof(c.passed)),
		unsafe.Sizeof(c) - (unsafe.Offsetof(c.wall) + unsafe.Sizeof(c.wall))
}

// SetKeyBudget makes the shards of a registry with few series forget their raw keys beyond so many bytes.
func (s *Shard) SetKeyBudget(bytes int) { s.registry.keyBudget.SetLeast(bytes) }

// Places returns how many places the limiter counts, and how many there are: series, and places that are
// kept.
func (r *Registry) Places() (counted, have int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, family := range r.catalog.families {
		have += family.series.len + family.kept
		if family.kept > 0 && family.folded() != nil {
			panic("a place is kept for a series that is there")
		}
	}
	return r.catalog.limiter.taken, have
}

// KeyBytes returns the memory that raw keys take.
func (s *Shard) KeyBytes() int { return s.keyBytes() }

// SetRules is SetOptions with other rules and nothing else.
func (r *Registry) SetRules(rules []*mapping.Rules) { r.change(func(o *Options) { o.Rules = rules }) }

// SetLimits is SetOptions with other limits and nothing else.
func (r *Registry) SetLimits(limits Limits) { r.change(func(o *Options) { o.Limits = limits }) }

func (r *Registry) change(change func(*Options)) {
	r.mu.Lock()
	o := r.options.clone()
	r.mu.Unlock()
	change(&o)
	r.SetOptions(o)
}
