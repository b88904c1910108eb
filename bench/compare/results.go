package main

import (
	"cmp"
	"slices"
)

// results are all measurements, by target. The zero value is empty and ready.
type results struct {
	windows map[key][]window
	highest map[key]highest
	scrapes map[string][]scrapes
	idle    map[string]idleness
	delays  []delays // of weir
	looked  []looked // of weir
}

// key names the measurements of a scenario with a target.
type key struct{ scenario, target string }

// idleness is what a target costs while it has nothing to do.
type idleness struct {
	share    float64 // of a core
	resident uint64  // bytes
}

func (r *results) addWindow(scenario, target string, w window) {
	if r.windows == nil {
		r.windows = make(map[key][]window)
	}
	k := key{scenario, target}
	r.windows[k] = append(r.windows[k], w)
}

func (r *results) addHighest(scenario, target string, h highest) {
	if r.highest == nil {
		r.highest = make(map[key]highest)
	}
	r.highest[key{scenario, target}] = h
}

func (r *results) addScrapes(target string, s scrapes) {
	if r.scrapes == nil {
		r.scrapes = make(map[string][]scrapes)
	}
	r.scrapes[target] = append(r.scrapes[target], s)
}

func (r *results) addIdle(target string, i idleness) {
	if r.idle == nil {
		r.idle = make(map[string]idleness)
	}
	r.idle[target] = i
}

// median returns the middle of values, the lower one of two. There must be one.
func median[T cmp.Ordered](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}
