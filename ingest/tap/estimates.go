package tap

import (
	"cmp"
	"slices"
	"unsafe"

	"weir/aggregate"
	"weir/aggregate/label"
)

const (
	// maxFamilies, maxSeries and maxRules bound how many rates are kept.
	maxFamilies, maxSeries, maxRules = 4096, 16384, 4096

	// historySteps is how many steps of a family are kept.
	historySteps = 60

	// maxFamilySenders is how many senders of a family are told apart, and shownSenders how many are shown.
	maxFamilySenders, shownSenders = 8, 5
)

// estimate counts samples in steps.
type estimate struct {
	now   float64    // samples in this step
	rates [2]float64 // samples a second in the last step and the one before
}

// step ends a step of so many seconds. It reports whether there was anything in the last three.
func (e *estimate) step(seconds float64) (isAlive bool) {
	isAlive = e.now > 0 || e.rates[0] > 0 || e.rates[1] > 0
	e.rates[0], e.rates[1], e.now = e.now/seconds, e.rates[0], 0
	return isAlive
}

// estimates are the samples by family, series and rule that the lines of a session stand for.
type estimates struct {
	steps    int
	total    estimate // of all families
	families map[string]*familyEstimate
	series   map[label.ID]*estimate
	rules    map[ruleKey]*estimate
	lacks    lacking // in this step
}

type familyEstimate struct {
	estimate

	history []float64 // replaced, never changed
	idle    int       // steps without a sample
	senders []senderEstimate
}

type senderEstimate struct {
	estimate

	sender Sender
}

func newEstimates() estimates {
	return estimates{
		families: make(map[string]*familyEstimate),
		series:   make(map[label.ID]*estimate), rules: make(map[ruleKey]*estimate),
	}
}

// add adds a sample that stands for weight samples.
func (x *estimates) add(at aggregate.Location, from Sender, weight float64) {
	if at.Rule != nil {
		if e := entry(x.rules, ruleKey{at.Rule.File, at.Rule.Line}, maxRules, &x.lacks.rules); e != nil {
			e.now += weight
		}
	}
	if at.Series == nil {
		return
	}
	x.total.now += weight
	if e := entry(x.series, at.Series.ID(), maxSeries, &x.lacks.series); e != nil {
		e.now += weight
	}
	if f := entry(x.families, at.Family.Name(), maxFamilies, &x.lacks.families); f != nil {
		f.now += weight
		f.addSender(from, weight)
	}
}

// entry returns the value of a key, which it makes unless there are too many: then it is nil, and lacks is
// set.
func entry[K comparable, V any](of map[K]*V, key K, most int, lacks *bool) *V {
	v := of[key]
	switch {
	case v != nil:
	case len(of) >= most:
		*lacks = true
	default:
		v = new(V)
		of[key] = v
	}
	return v
}

// addSender counts a sender of the family. When there are too many, it takes the place of the one with the
// fewest samples in this step: a sender of many samples keeps its place.
func (f *familyEstimate) addSender(from Sender, weight float64) {
	i := slices.IndexFunc(f.senders, func(s senderEstimate) bool { return s.sender == from })
	switch {
	case i >= 0:
	case len(f.senders) < maxFamilySenders:
		i = len(f.senders)
		f.senders = append(f.senders, senderEstimate{sender: from})
	default:
		i = 0
		for k := range f.senders {
			if f.senders[k].now < f.senders[i].now {
				i = k
			}
		}
		f.senders[i] = senderEstimate{sender: from}
	}
	f.senders[i].now += weight
}

// step ends a step of so many seconds, and returns the rates. name returns the program of a process.
func (x *estimates) step(seconds float64, name func(pid int32) string) *Rates {
	x.steps++
	x.total.step(seconds)
	r := &Rates{
		total:    x.total.rate(x.steps),
		families: make(map[string]FamilyRate, len(x.families)),
		series:   make(map[label.ID]float64, len(x.series)),
		rules:    make(map[ruleKey]float64, len(x.rules)),
		lacks:    x.lacks,
	}
	for key, f := range x.families {
		f.step(seconds)
		if f.idle >= historySteps || x.lacks.families && f.idle > 1 {
			delete(x.families, key)
			continue
		}
		r.families[key] = f.rate(x.steps, name)
	}
	stepAll(x.series, r.series, seconds, x.steps)
	stepAll(x.rules, r.rules, seconds, x.steps)
	x.lacks = lacking{}
	return r
}

func stepAll[K comparable](from map[K]*estimate, into map[K]float64, seconds float64, steps int) {
	for key, e := range from {
		if !e.step(seconds) {
			delete(from, key)
			continue
		}
		into[key] = e.rate(steps)
	}
}

// rate returns the samples a second in the last two of so many steps.
func (e *estimate) rate(steps int) float64 {
	if steps < 2 {
		return e.rates[0]
	}
	return (e.rates[0] + e.rates[1]) / 2
}

// step ends a step of so many seconds.
func (f *familyEstimate) step(seconds float64) {
	f.idle++
	if f.now > 0 {
		f.idle = 0
	}
	f.estimate.step(seconds)
	kept := f.history[max(0, len(f.history)+1-historySteps):]
	f.history = append(append(make([]float64, 0, len(kept)+1), kept...), f.rates[0])
	for i := range f.senders {
		f.senders[i].step(seconds)
	}
	f.senders = slices.DeleteFunc(f.senders, func(s senderEstimate) bool { return s.rates == [2]float64{} })
}

// rate returns what readers see of a family after so many steps.
func (f *familyEstimate) rate(steps int, name func(pid int32) string) FamilyRate {
	r := FamilyRate{PerSecond: f.estimate.rate(steps), History: f.history}
	for i := range f.senders {
		s := &f.senders[i]
		r.Senders = append(r.Senders, SenderRate{
			Sender: s.sender, Program: name(s.sender.PID), PerSecond: s.rate(steps),
		})
	}
	slices.SortFunc(r.Senders, func(a, b SenderRate) int {
		return cmp.Or(cmp.Compare(b.PerSecond, a.PerSecond), a.Sender.Address.Compare(b.Sender.Address),
			cmp.Compare(a.Sender.PID, b.Sender.PID))
	})
	r.SendersMore = max(0, len(r.Senders)-shownSenders)
	r.Senders = r.Senders[:len(r.Senders)-r.SendersMore]
	return r
}

func (x *estimates) bytes() int {
	size := len(x.series)*64 + len(x.rules)*96
	for _, f := range x.families {
		size += int(unsafe.Sizeof(*f)) + cap(f.history)*8 + 64
		size += cap(f.senders) * int(unsafe.Sizeof(senderEstimate{}))
	}
	return size
}
