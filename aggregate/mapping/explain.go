package mapping

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"weir/internal/mistake"
)

// MaxAttempts is the most attempts that [Matcher.Explain] returns.
const MaxAttempts = 20

// Attempt is a rule that was tried.
type Attempt struct {
	Rule *Rule
	Won  bool
	// Reason says why the rule does not match; empty when it won.
	Reason string

	nearness int // how near it was to match
}

// Near reports whether the name, or at least its first segment, fits the match. A regular expression that
// does not match may always be near.
func (a *Attempt) Near() bool { return a.Rule.regex != nil || a.nearness >= 2*nearCount }

const (
	nearMatch = 1 << 30 // the name fits the match
	nearCount = 1       // the name has as many segments
)

// Explain tells why each rule did not match, in the order in which rules are tried, up to and with the
// winner. Of more than [MaxAttempts] attempts it returns the nearest. It tries all rules, so it is slow.
func (m *Matcher) Explain(name []byte, t Type, tags []Tag) []Attempt {
	var attempts []Attempt
	for _, rule := range m.search.rules.tried {
		a := rule.attempt(name, t, tags)
		attempts = append(attempts, a)
		if a.Won {
			break
		}
	}
	return Nearest(attempts, MaxAttempts)
}

// Nearest returns the attempts that came nearest, at most so many, in the order of all; of equally near ones
// the last.
func Nearest(attempts []Attempt, most int) []Attempt {
	if len(attempts) <= most {
		return attempts
	}
	byNearness := make([]int, len(attempts))
	for i := range byNearness {
		byNearness[i] = i
	}
	slices.SortFunc(byNearness, func(i, j int) int {
		return cmp.Or(cmp.Compare(attempts[j].nearness, attempts[i].nearness), cmp.Compare(j, i))
	})
	kept := byNearness[:most]
	slices.Sort(kept)
	nearest := make([]Attempt, len(kept))
	for i, k := range kept {
		nearest[i] = attempts[k]
	}
	return nearest
}

func (r *Rule) attempt(name []byte, t Type, tags []Tag) Attempt {
	a := Attempt{Rule: r}
	if a.Reason, a.nearness = r.misfit(name); a.Reason != "" {
		return a
	}
	a.nearness = nearMatch
	refused, exception := r.refusedTag(tags), r.exception(name)
	switch {
	case !r.types.has(t):
		a.Reason = fmt.Sprintf("it is for the type %s, not %s", r.MetricType, t)
	case refused >= 0:
		a.Reason = r.tags[refused].misfit(tags)
	case exception >= 0:
		a.Reason = "its exception " + r.Except[exception] + " matches"
	default:
		a.Won, a.nearness = true, nearMatch+1
	}
	return a
}

// misfit says why the name does not fit the match, and how near it is to fit; empty when it fits.
func (r *Rule) misfit(name []byte) (reason string, nearness int) {
	if r.regex != nil {
		if r.regex.Match(name) {
			return "", 0
		}
		return "the expression does not match", 0
	}
	fitting, whole := r.glob.fit(name)
	if whole {
		return "", 0
	}
	nearness = 2 * nearCount * fitting
	parts := bytes.Split(name, []byte("."))
	if len(parts) != len(r.glob) {
		return fmt.Sprintf("it has %d segments, the name %d", len(r.glob), len(parts)), nearness
	}
	return fmt.Sprintf("segment %d is %s: want %s", fitting+1, mistake.Show(string(parts[fitting])),
		r.glob[fitting].text), nearness + nearCount
}

func (p *tagPattern) misfit(tags []Tag) string {
	value, found := lastTag(tags, p.key)
	if !found {
		return "there is no tag " + mistake.Show(p.key)
	}
	return fmt.Sprintf("the tag %s is %s: want %s",
		mistake.Show(p.key), mistake.Show(string(value)), mistake.Show(p.value.text))
}
