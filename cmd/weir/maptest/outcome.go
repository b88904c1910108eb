package maptest

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"weir/aggregate/label"
	"weir/protocol"
)

// The words that a test may want beside series. A reason follows the third.
const (
	wordDropped  = "dropped"
	wordUnmapped = "unmapped"
	wordRejected = "rejected"
)

// outcome is one thing that lines lead to: a series with its value, or a word.
type outcome struct {
	key

	value float64 // of a series
}

// key identifies an outcome. It is a word, or the name and the label set of a series.
type key struct {
	word   string // with its reason; empty for a series
	name   string
	labels label.Labels
}

var (
	errNoSeries = errors.New(`want a series with its value, as in requests_total{code="200"} 3, or ` +
		"dropped, unmapped, rejected REASON")
	errLabels = errors.New(`want labels as in {code="200",method="get"}`)
)

// parseOutcome reads an element of want.
func parseOutcome(text string) (outcome, error) {
	word, rest, _ := strings.Cut(text, " ")
	switch {
	case text == wordDropped, text == wordUnmapped:
		return outcome{key: key{word: text}}, nil
	case word == wordRejected:
		for reason := protocol.ReasonNone + 1; reason < protocol.NumReasons; reason++ {
			if reason.String() == rest {
				return outcome{key: key{word: text}}, nil
			}
		}
		return outcome{}, fmt.Errorf("no reason is called %q", rest)
	default:
		return parseSeries(text)
	}
}

// parseSeries reads a series with its value, as an exposition writes it. Its labels may come in any order.
//
//	requests_total{code="200"} 3
//	^name          ^labels   ^rest
func parseSeries(text string) (outcome, error) {
	end := strings.IndexAny(text, "{ ")
	if end <= 0 {
		return outcome{}, errNoSeries
	}
	o, rest := outcome{key: key{name: text[:end]}}, text[end:]
	if inBraces, found := strings.CutPrefix(rest, "{"); found {
		labels, after, err := label.ParsePrefix(inBraces)
		if err == nil {
			rest, found = strings.CutPrefix(after, "}")
		}
		if errors.Is(err, label.ErrSyntax) || !found {
			return outcome{}, errLabels
		}
		if err != nil {
			return outcome{}, err
		}
		o.labels = labels
	}
	value, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
	if err != nil {
		return outcome{}, errNoSeries
	}
	o.value = value
	return o, nil
}

// String returns the outcome as a test writes it.
func (o outcome) String() string {
	if o.word != "" {
		return o.word
	}
	return o.key.String() + " " + formatValue(o.value)
}

// String returns the word, or the series as an exposition writes it.
func (k key) String() string {
	if k.word != "" {
		return k.word
	}
	return k.name + k.labels.String()
}

func formatValue(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// same reports whether two values are equal, except for rounding: 0.1 + 0.2 is the same as 0.3.
func same(a, b float64) bool {
	const epsilon = 1e-9
	if a == b || math.IsNaN(a) && math.IsNaN(b) {
		return true
	}
	return !math.IsInf(a, 0) && !math.IsInf(b, 0) && math.Abs(a-b) <= epsilon*max(math.Abs(a), math.Abs(b))
}
