package mapping

import (
	"cmp"
	"math"
	"slices"
)

// settingsKeys are those that rules and defaults share.
const settingsKeys = "ttl observer_type timer_type summary_options histogram_options buckets quantiles "

// settingsReader reads the settings of a rule or of the defaults.
type settingsReader struct {
	*reader
	Settings
	given              map[string]string // paths of what two spellings exist for, by the newer one
	summary, histogram *value            // where options for one of them stand, if they do
}

func newSettingsReader(r *reader) *settingsReader {
	return &settingsReader{reader: r, given: map[string]string{}}
}

// take reads a key of settingsKeys.
func (s *settingsReader) take(name string, v value) {
	switch name {
	case "ttl":
		if ttl, ok := s.duration(v); ok {
			s.TTL = &ttl
		}
	case "observer_type":
		s.observer(v)
	case "timer_type":
		s.older(v, "observer_type")
		s.observer(v)
	case "summary_options":
		s.summary = &v
		s.section(v, "quantiles max_age age_buckets buf_cap", s.summaryOption)
	case "histogram_options":
		s.histogram = &v
		s.section(v, "buckets native_histogram_bucket_factor native_histogram_max_buckets", s.histogramOption)
	case "buckets":
		s.histogram = &v
		s.older(v, "histogram_options.buckets")
		s.histogramOption(name, v)
	case "quantiles":
		s.summary = &v
		s.older(v, "summary_options.quantiles")
		s.summaryOption(name, v)
	}
}

func (s *settingsReader) older(v value, spelling string) {
	s.warn(v.line, v.path, "an older spelling: write %s", spelling)
}

// once refuses v when another spelling of name has been given.
func (s *settingsReader) once(name string, v value) {
	if path, again := s.given[name]; again {
		s.refuse(v.line, v.path, "given together with %s, which means the same: want only one", path)
	}
	s.given[name] = v.path
}

func (s *settingsReader) observer(v value) {
	s.once("observer_type", v)
	s.Observer = s.optional(v, "", "histogram", "summary")
}

func (s *settingsReader) summaryOption(name string, v value) {
	switch name {
	case "quantiles":
		s.once(name, v)
		s.quantiles(v)
	case "max_age":
		if age, ok := s.duration(v); ok && age > 0 {
			s.MaxAge = &age
		}
	case "age_buckets":
		s.AgeBuckets = s.count(v)
	case "buf_cap":
		s.BufCap = s.count(v)
	}
}

// count reads a number of which 0 means that it is not said.
func (s *settingsReader) count(v value) *int {
	if n, ok := s.whole(v); ok && n > 0 {
		return &n
	}
	return nil
}

func (s *settingsReader) quantiles(v value) {
	seen := map[float64]bool{}
	s.list(v, "{quantile: 0.9, error: 0.01}", func(v value) {
		q, ok := s.quantile(v)
		switch {
		case ok && seen[q.Quantile]:
			s.warn(v.line, v.path, "the quantile %v is given twice: the last counts", q.Quantile)
			i := slices.IndexFunc(s.Quantiles, func(p Quantile) bool { return p.Quantile == q.Quantile })
			s.Quantiles[i] = q
		case ok:
			seen[q.Quantile] = true
			s.Quantiles = append(s.Quantiles, q)
		}
	})
	slices.SortFunc(s.Quantiles, func(a, b Quantile) int { return cmp.Compare(a.Quantile, b.Quantile) })
}

func (s *settingsReader) quantile(v value) (q Quantile, ok bool) {
	said, valid := false, true
	s.section(v, "quantile error", func(name string, v value) {
		f, ok := s.number(v, "a number from 0 to 1", func(f float64) bool { return f >= 0 && f <= 1 })
		valid = valid && ok
		if name == "error" {
			q.Error = f
			return
		}
		q.Quantile, said = f, true
	})
	if !said && isSection(v) {
		s.refuse(v.line, join(v.path, "quantile"), "missing: want a number from 0 to 1")
	}
	return q, said && valid
}

func (s *settingsReader) histogramOption(name string, v value) {
	switch name {
	case "buckets":
		s.once(name, v)
		s.buckets(v)
	case "native_histogram_bucket_factor":
		want := "a number above 1, 1 for no native buckets, or 0 for the default"
		if f, ok := s.number(v, want, isFinite); ok && f != 0 {
			s.NativeBucketFactor = &f
		}
	case "native_histogram_max_buckets":
		s.NativeMaxBuckets = s.count(v)
	}
}

func isFinite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// buckets reads upper bounds. +Inf may be the last; it is left out, since it goes without saying.
func (s *settingsReader) buckets(v value) {
	const want = "a finite number (+Inf goes without saying)"
	notNegativeInfinity := func(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, -1) }
	before := math.Inf(-1)
	s.list(v, "numbers", func(v value) {
		f, ok := s.number(v, want, notNegativeInfinity)
		if ok && f <= before {
			s.refuse(v.line, v.path, "%s is not above %v, the one before: want rising buckets",
				showNode(v.node), before)
			ok = false
		}
		if !ok {
			return
		}
		before = f
		if s.Buckets == nil {
			s.Buckets = []float64{}
		}
		if !math.IsInf(f, 1) {
			s.Buckets = append(s.Buckets, f)
		}
	})
}

// checkObserver refuses options for another observer than the one that s, which has inherited, ends up with.
func (s *settingsReader) checkObserver() {
	if s.Observer == "histogram" && s.summary != nil {
		s.refuse(s.summary.line, s.summary.path,
			"options of a summary, but the observer type is histogram: want histogram_options")
	}
	if s.Observer == "summary" && s.histogram != nil {
		s.refuse(s.histogram.line, s.histogram.path,
			"options of a histogram, but the observer type is summary: want summary_options")
	}
}
