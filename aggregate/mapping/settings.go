package mapping

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"weir/internal/yamlfile"
)

// settingsKeys are the keys that rules and defaults share.
const settingsKeys = "ttl observer_type timer_type summary_options histogram_options buckets quantiles "

// settingsReader reads the settings of a rule or of the defaults.
type settingsReader struct {
	Settings

	doc                *document
	given              map[string]string // paths of keys with two spellings, by the newer one
	summary, histogram *yamlfile.Value   // the options of a summary and a histogram; nil when not given
}

func newSettingsReader(d *document) *settingsReader {
	return &settingsReader{doc: d, given: map[string]string{}}
}

// read reads a key of settingsKeys.
func (s *settingsReader) read(name string, v yamlfile.Value) {
	switch name {
	case "ttl":
		if ttl, ok := s.doc.duration(v, "series expire at once"); ok {
			if ttl < 0 {
				ttl = 1 // 0 would be for ever
			}
			s.TTL = &ttl
		}
	case "observer_type":
		s.observer(v)
	case "timer_type":
		s.older(v, "observer_type")
		s.observer(v)
	case "summary_options":
		s.summary = &v
		for name, v := range section(v, "quantiles max_age age_buckets buf_cap") {
			s.summaryOption(name, v)
		}
	case "histogram_options":
		s.histogram = &v
		const keys = "buckets native_histogram_bucket_factor native_histogram_max_buckets"
		for name, v := range section(v, keys) {
			s.histogramOption(name, v)
		}
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

func (s *settingsReader) older(v yamlfile.Value, spelling string) {
	s.doc.warn(v.Line, v.Path, "an older spelling: write "+spelling)
}

// once refuses v when another spelling of name has been given.
func (s *settingsReader) once(name string, v yamlfile.Value) {
	if path, again := s.given[name]; again {
		v.RefuseAs("given together with "+path+", which means the same", "want only one")
	}
	s.given[name] = v.Path
}

func (s *settingsReader) observer(v yamlfile.Value) {
	s.once("observer_type", v)
	s.Observer = optional(v, "", "histogram", "summary")
}

func (s *settingsReader) summaryOption(name string, v yamlfile.Value) {
	switch name {
	case "quantiles":
		s.once(name, v)
		s.quantiles(v)
	case "max_age":
		if age, ok := s.doc.duration(v, "the default is taken"); ok && age > 0 {
			s.MaxAge = &age
		}
	case "age_buckets":
		s.AgeBuckets = s.doc.count(v)
	case "buf_cap":
		s.BufCap = s.doc.count(v)
	}
}

func (s *settingsReader) quantiles(v yamlfile.Value) {
	seen := map[float64]bool{}
	for v := range v.List("{quantile: 0.9, error: 0.01}") {
		q, ok := s.readQuantile(v)
		switch {
		case ok && seen[q.Quantile]:
			s.doc.warn(v.Line, v.Path,
				fmt.Sprintf("the quantile %v is given twice: the last counts", q.Quantile))
			i := slices.IndexFunc(s.Quantiles, func(p Quantile) bool { return p.Quantile == q.Quantile })
			s.Quantiles[i] = q
		case ok:
			seen[q.Quantile] = true
			s.Quantiles = append(s.Quantiles, q)
		}
	}
	slices.SortFunc(s.Quantiles, func(a, b Quantile) int { return cmp.Compare(a.Quantile, b.Quantile) })
}

func (s *settingsReader) readQuantile(v yamlfile.Value) (q Quantile, ok bool) {
	const want = "want a number from 0 to 1"
	instead := map[string]string{"quantile": "it is left out", "error": "it has no effect"}
	isSet, valid := false, v.IsSection()
	for name, v := range section(v, "quantile error") {
		f, ok := s.doc.number(v, want, instead[name], func(f float64) bool { return f >= 0 && f <= 1 })
		if name == "error" {
			q.Error = f
			valid = valid && (ok || s.doc.compat)
			continue
		}
		q.Quantile, isSet, valid = f, true, valid && ok
	}
	switch {
	case isSet || !v.IsSection():
	case s.doc.compat:
		s.doc.warn(v.Line, yamlfile.Join(v.Path, "quantile"), "missing: 0 is taken")
		isSet = true
	default:
		v.RefuseMissing("quantile", want)
	}
	return q, isSet && valid
}

func (s *settingsReader) histogramOption(name string, v yamlfile.Value) {
	switch name {
	case "buckets":
		s.once(name, v)
		s.buckets(v)
	case "native_histogram_bucket_factor":
		const want = "want a number above 1, 1 for no native buckets, or 0 for the default"
		if f, ok := s.doc.number(v, want, "the default is taken", isFinite); ok && f != 0 {
			s.NativeBucketFactor = &f
		}
	case "native_histogram_max_buckets":
		s.NativeMaxBuckets = s.doc.count(v)
	}
}

// buckets reads upper bounds. +Inf may be the last; it is left out, since every histogram has it.
func (s *settingsReader) buckets(v yamlfile.Value) {
	const want = "want a finite number (+Inf is always added)"
	notNegativeInfinity := func(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, -1) }
	before := math.Inf(-1)
	for v := range v.List("numbers") {
		f, ok := s.doc.number(v, want, "it is left out", notNegativeInfinity)
		if !ok {
			continue
		}
		if f <= before && !s.doc.tolerate(v, fmt.Sprintf("%s is not above %v, the one before", v, before),
			"want rising buckets", "the buckets are sorted") {
			continue
		}
		before = f
		if s.Buckets == nil {
			s.Buckets = []float64{}
		}
		if !math.IsInf(f, 1) {
			s.Buckets = append(s.Buckets, f)
		}
	}
	slices.Sort(s.Buckets)
	s.Buckets = slices.Compact(s.Buckets)
}

// checkObserver refuses options for another observer than the one that s has after it has inherited.
func (s *settingsReader) checkObserver() {
	if s.Observer == "histogram" && s.summary != nil {
		s.summary.RefuseAs(
			"options of a summary, but the observer type is histogram", "want histogram_options")
	}
	if s.Observer == "summary" && s.histogram != nil {
		s.histogram.RefuseAs(
			"options of a histogram, but the observer type is summary", "want summary_options")
	}
}
