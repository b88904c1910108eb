package tap

import (
	"cmp"
	"fmt"
	"slices"
	"time"
	"unsafe"

	"weir/aggregate"
	"weir/aggregate/label"
)

const (
	// maxFamilies, maxSeries and maxRules bound of how many rates are kept.
	maxFamilies, maxSeries, maxRules = 4096, 16384, 4096

	// historySteps is how many steps of a family are kept.
	historySteps = 60

	// maxFamilySenders is how many senders of a family are told apart, and shownSenders how many are shown.
	maxFamilySenders, shownSenders = 8, 5
)

// RuleKey is where a mapping rule stands.
type RuleKey struct {
	File string
	Line int
}

// Rates are samples a second, estimated from a sample of lines. Those of the last two steps of 5 s are
// averaged. A nil Rates knows nothing: nobody looked, or the first step has not ended.
type Rates struct {
	// Since is when somebody began to look, At when these rates were made.
	Since, At time.Time
	// Every says that the last step looked at one in so many lines. At 1 the rates are exact.
	Every uint64

	families map[string]FamilyRate
	series   map[label.ID]float64
	rules    map[RuleKey]float64
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
	// Senders are up to 5 senders of the family, those with most samples first; SendersMore is how many more
	// were seen, as far as they were told apart.
	Senders     []SenderRate
	SendersMore int
}

// SenderRate is the samples a second that a sender sends of one family.
type SenderRate struct {
	Sender    Sender
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
	rate, found := r.rules[RuleKey{file, line}]
	return rate, found || !r.lacks.rules
}

func (r *Rates) bytes() int {
	if r == nil {
		return 0
	}
	const senders = shownSenders * unsafe.Sizeof(SenderRate{})
	const family = unsafe.Sizeof(FamilyRate{}) + historySteps*8 + senders + 64
	return len(r.families)*int(family) + len(r.series)*32 + len(r.rules)*64
}

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
	families map[string]*familyEstimate
	series   map[label.ID]*estimate
	rules    map[RuleKey]*estimate
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
		series:   make(map[label.ID]*estimate), rules: make(map[RuleKey]*estimate),
	}
}

// add adds a sample that stands for weight samples.
func (x *estimates) add(at aggregate.Location, from Sender, weight float64) {
	if at.Rule != nil {
		if e := entry(x.rules, RuleKey{at.Rule.File, at.Rule.Line}, maxRules, &x.lacks.rules); e != nil {
			e.now += weight
		}
	}
	if at.Series == nil {
		return
	}
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

// step ends a step of so many seconds, and returns the rates.
func (x *estimates) step(seconds float64) *Rates {
	x.steps++
	r := &Rates{
		families: make(map[string]FamilyRate, len(x.families)),
		series:   make(map[label.ID]float64, len(x.series)),
		rules:    make(map[RuleKey]float64, len(x.rules)),
		lacks:    x.lacks,
	}
	for name, f := range x.families {
		f.step(seconds, historySteps)
		if f.idle >= historySteps || x.lacks.families && f.idle > 1 {
			delete(x.families, name)
			continue
		}
		r.families[name] = f.rate(x.steps)
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

// step ends a step of so many seconds; the history keeps so many steps.
func (f *familyEstimate) step(seconds float64, most int) {
	f.idle++
	if f.now > 0 {
		f.idle = 0
	}
	f.estimate.step(seconds)
	kept := f.history[max(0, len(f.history)+1-most):]
	f.history = append(append(make([]float64, 0, len(kept)+1), kept...), f.rates[0])
	for i := range f.senders {
		f.senders[i].step(seconds)
	}
	f.senders = slices.DeleteFunc(f.senders, func(s senderEstimate) bool { return s.rates == [2]float64{} })
}

// rate returns what readers see of a family after so many steps.
func (f *familyEstimate) rate(steps int) FamilyRate {
	r := FamilyRate{PerSecond: f.estimate.rate(steps), History: f.history}
	for i := range f.senders {
		s := &f.senders[i]
		r.Senders = append(r.Senders, SenderRate{Sender: s.sender, PerSecond: s.rate(steps)})
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
	const senders = maxFamilySenders * unsafe.Sizeof(senderEstimate{})
	const family = unsafe.Sizeof(familyEstimate{}) + historySteps*8 + senders
	return len(x.families)*int(family) + len(x.series)*64 + len(x.rules)*96
}
