package main

// outcome is what a rate came to.
type outcome int

const (
	lossless outcome = iota
	lossy
	late // nothing was lost, but the sender could not keep up
)

// tolerance is how close to each other the best rate and the lowest that is too high end up.
const tolerance = 1.05

// highest is the result of a search.
type highest struct {
	linesPerSecond float64 // 0 when no rate was lossless
	trials         int
	atLeast        bool // the sender was the limit
}

// search looks for the highest rate without loss. It doubles the rate, or halves it, until it knows a
// lossless rate and another one, and then tries their mean. A rate that is not lossless is tried once more
// before it counts, because the machine may have been busy for a moment. try also returns the achieved rate:
// a late sender lost nothing at that rate. The search ends after so many trials.
func search(
	start float64, trials int, try func(linesPerSecond float64) (result outcome, achieved float64, err error),
) (highest, error) {
	var best highest
	worst := 0.0 // the lowest rate that is too high, for the sender if atLeast; 0 when none is known
	rate := start
	for best.trials < trials {
		best.trials++
		result, achieved, err := try(rate)
		if err == nil && result != lossless && best.trials < trials {
			best.trials++
			result, achieved, err = try(rate)
		}
		if err != nil {
			return best, err
		}
		switch result {
		case lossless:
			best.linesPerSecond = max(best.linesPerSecond, rate)
		case late:
			best.linesPerSecond = max(best.linesPerSecond, achieved)
			worst, best.atLeast = rate, true
		case lossy:
			worst, best.atLeast = rate, false
		}
		if worst > 0 && worst < best.linesPerSecond*tolerance {
			return best, nil
		}
		rate = nextRate(best.linesPerSecond, worst)
	}
	best.atLeast = best.atLeast || worst == 0 // it never met a rate that is too high
	return best, nil
}

// nextRate returns the rate to try after the best and the worst so far, which are 0 when not known.
func nextRate(best, worst float64) float64 {
	switch {
	case worst == 0:
		return best * 2
	case best == 0:
		return worst / 2
	default:
		return (best + worst) / 2
	}
}
