package rival_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

// finding is what a judged exposition holds.
type finding struct {
	types    map[string]model.MetricType // by family
	values   map[string]float64          // by series, as labels.Labels prints it
	families map[string]*dto.MetricFamily

	exemplars int // on samples, and on native histograms
}

// judge reads an exposition as Prometheus does, and with the parser for everybody else. It returns an error
// unless both accept it, each family has one HELP, one TYPE and its samples together, each series is there
// once and without a time, and histograms add up.
func judge(text []byte, contentType string) (*finding, error) {
	parser, err := textparse.New(text, contentType, labels.NewSymbolTable(), textparse.ParserOptions{
		KeepClassicOnClassicAndNativeHistograms: true,
	})
	if err != nil {
		return nil, fmt.Errorf("content type %q: %w", contentType, err)
	}
	c := court{finding: finding{types: make(map[string]model.MetricType), values: make(map[string]float64)}}
	c.open = strings.HasPrefix(contentType, "application/openmetrics-text")
	c.histogram.isOpen = c.open
	if c.scheme = model.LegacyValidation; strings.HasSuffix(contentType, "escaping=allow-utf-8") {
		c.scheme = model.UTF8Validation
	}
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = c.hear(parser, entry)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := c.closeFamily(); err != nil || !strings.HasPrefix(contentType, "text/plain") {
		return &c.finding, err // expfmt's parser reads no other format
	}
	expfmtParser := expfmt.NewTextParser(c.scheme)
	c.families, err = expfmtParser.TextToMetricFamilies(bytes.NewReader(text))
	return &c.finding, err
}

// court judges entry by entry.
type court struct {
	finding

	open      bool // it is OpenMetrics, where samples of a counter have a suffix
	scheme    model.ValidationScheme
	family    string // the one being heard
	kind      model.MetricType
	helped    bool
	typed     bool
	histogram histogram // the label set being heard, of a histogram
}

func (c *court) hear(parser textparse.Parser, entry textparse.Entry) error {
	switch entry {
	case textparse.EntryHelp:
		name, _ := parser.Help()
		return c.begin(string(name), &c.helped)
	case textparse.EntryType:
		name, kind := parser.Type()
		if err := c.begin(string(name), &c.typed); err != nil {
			return err
		}
		c.kind, c.types[c.family] = kind, kind
		return nil
	case textparse.EntryUnit:
		if name, unit := parser.Unit(); string(name) != c.family || len(unit) == 0 {
			return fmt.Errorf("unit %q of %q is in family %s", unit, name, c.family)
		}
		return nil
	case textparse.EntrySeries:
		_, timestamp, value := parser.Series()
		if timestamp != nil {
			return fmt.Errorf("family %s has a time", c.family)
		}
		var series labels.Labels
		parser.Labels(&series)
		if err := c.exemplar(parser, series); err != nil {
			return err
		}
		return c.sample(series, value)
	case textparse.EntryHistogram:
		_, timestamp, native, _ := parser.Histogram()
		if timestamp != nil || native == nil {
			return fmt.Errorf("family %s has a time, or buckets of floats", c.family)
		}
		if err := c.exemplar(parser, labels.EmptyLabels()); err != nil {
			return err
		}
		return native.Validate() // its classic buckets come by themselves
	default:
		return fmt.Errorf("entry %d is neither help, type nor sample", entry)
	}
}

// exemplar hears the exemplars of a sample: Prometheus keeps those whose labels have at most 128 characters,
// and OpenMetrics allows them on counters and buckets, in which their values lie.
func (c *court) exemplar(parser textparse.Parser, series labels.Labels) error {
	for {
		var e exemplar.Exemplar
		if !parser.Exemplar(&e) {
			return nil
		}
		c.exemplars++
		size := 0
		e.Labels.Range(func(l labels.Label) { size += utf8.RuneCountInString(l.Name) + utf8.RuneCountInString(l.Value) })
		duplicate, found := e.Labels.HasDuplicateLabelNames()
		name := series.Get(model.MetricNameLabel)
		bound, err := strconv.ParseFloat(series.Get(labels.BucketLabel), 64)
		switch {
		case size > exemplar.ExemplarMaxLabelSetLength, size == 0, found, !e.HasTs:
			return fmt.Errorf("exemplar %+v of %s: %d characters, label twice: %q", e, series, size, duplicate)
		case c.kind == model.MetricTypeCounter, c.kind == model.MetricTypeHistogram && series.IsEmpty():
		case c.kind != model.MetricTypeHistogram || !strings.HasSuffix(name, "_bucket"):
			return fmt.Errorf("%s of type %s has an exemplar", series, c.kind)
		case err != nil || !(e.Value <= bound):
			return fmt.Errorf("%s has an exemplar of %v", series, e.Value)
		}
	}
}

// begin begins a family, or goes on with it, at a HELP or TYPE, of which each family has one.
func (c *court) begin(name string, seen *bool) error {
	if name != c.family {
		if err := c.closeFamily(); err != nil {
			return err
		}
		if _, found := c.types[name]; found {
			return fmt.Errorf("family %s is there twice", name)
		}
		c.family, c.helped, c.typed = name, false, false
	}
	if *seen {
		return fmt.Errorf("family %s has two HELP or TYPE", name)
	}
	*seen = true
	return nil
}

func (c *court) closeFamily() error {
	if c.family != "" && !c.typed {
		return fmt.Errorf("family %s has no TYPE", c.family)
	}
	return c.histogram.close()
}

func (c *court) sample(series labels.Labels, value float64) error {
	key, name := series.String(), series.Get(model.MetricNameLabel)
	if _, found := c.values[key]; found {
		return fmt.Errorf("%s is there twice", key)
	}
	c.values[key] = value
	if duplicate, found := series.HasDuplicateLabelNames(); found {
		return fmt.Errorf("%s has label %s twice", key, duplicate)
	}
	var illegal error
	series.Range(func(l labels.Label) {
		if !c.scheme.IsValidLabelName(l.Name) || strings.HasPrefix(l.Name, "__") && l.Name != model.MetricNameLabel {
			illegal = fmt.Errorf("%s has a label that is not legal", key)
		}
	})
	if illegal != nil || !c.scheme.IsValidMetricName(name) {
		return errors.Join(illegal, fmt.Errorf("the name of %s, or of a label, is not legal", key))
	}
	if !c.typed || !c.helped {
		return fmt.Errorf("%s comes before the HELP and TYPE of its family", key)
	}
	suffix, found := strings.CutPrefix(name, c.family)
	if c.open && c.kind != model.MetricTypeGauge && c.kind != model.MetricTypeUnknown {
		switch suffix {
		case "_total":
			suffix = ""
		case "_created":
			return nil
		case "":
			found = c.kind == model.MetricTypeSummary
		}
	}
	switch {
	case !found:
		return fmt.Errorf("%s is in family %s", key, c.family)
	case c.kind == model.MetricTypeHistogram:
		return c.histogram.add(series, suffix, value)
	case c.kind == model.MetricTypeCounter && !(value >= 0):
		return fmt.Errorf("counter %s is %v", key, value)
	case suffix != "" && c.kind != model.MetricTypeSummary, c.open && c.kind == model.MetricTypeCounter &&
		!strings.HasSuffix(name, "_total"):
		return fmt.Errorf("%s is in family %s of type %s", key, c.family, c.kind)
	}
	return nil
}

// histogram is one label set of a classic histogram. Its samples come together: buckets in rising order,
// +Inf last, sum and count where they like.
type histogram struct {
	isOpen     bool // of OpenMetrics
	labels     string
	bound      float64
	cumulative float64
	sums       int
	counts     int
	count      float64
}

func (h *histogram) add(series labels.Labels, suffix string, value float64) error {
	set := labels.NewBuilder(series).Del(model.MetricNameLabel, labels.BucketLabel).Labels().String()
	if h.labels != set || h.isComplete() {
		if err := h.close(); err != nil {
			return err
		}
		*h = histogram{isOpen: h.isOpen, labels: set, bound: math.Inf(-1)}
	}
	switch suffix {
	case "_bucket":
		bound, err := strconv.ParseFloat(series.Get(labels.BucketLabel), 64)
		if err != nil || bound <= h.bound || value < h.cumulative {
			return fmt.Errorf("%s = %v follows le=%v with %v", series, value, h.bound, h.cumulative)
		}
		h.bound, h.cumulative = bound, value
	case "_sum":
		h.sums++
	case "_count":
		h.counts++
		h.count = value
	default:
		return fmt.Errorf("%s is no part of a histogram", series)
	}
	return nil
}

func (h *histogram) isComplete() bool { return math.IsInf(h.bound, 1) && h.sums == 1 && h.counts == 1 }

// close ends the label set: a histogram has all its parts, and its count is that of all buckets.
func (h *histogram) close() error {
	hasTotals := !h.isOpen || h.sums+h.counts > 0 // OpenMetrics forbids negative sums, and counts without sums
	if h.labels != "" && hasTotals && (!h.isComplete() || h.count != h.cumulative) {
		return fmt.Errorf("histogram %s is not complete, or adds up to another count: %+v", h.labels, *h)
	}
	*h = histogram{isOpen: h.isOpen}
	return nil
}
