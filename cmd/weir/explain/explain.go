// Package explain says what becomes of a line without recording it in the weir that runs: it reads the line
// with the same decoder, maps it by the same rules and gives it to a registry of its own.
package explain

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"weir/aggregate"
	"weir/config"
	"weir/protocol"
)

// Line says what becomes of a line.
type Line struct {
	Text    string   `json:"line"`
	Samples []Sample `json:"samples"`
	// FieldsIgnored is how many fields of the line no version of the protocol knows.
	FieldsIgnored int `json:"fields_ignored"`
}

// Rejected reports whether weir would reject a sample of the line. What a rule drops is not rejected.
func (l *Line) Rejected() bool {
	return slices.ContainsFunc(l.Samples, func(s Sample) bool { return s.Rejected != "" })
}

// WriteJSON writes l as one JSON object and a newline.
func (l *Line) WriteJSON(w io.Writer) error {
	if err := json.NewEncoder(w).Encode(l); err != nil {
		return fmt.Errorf("write the explanation: %w", err)
	}
	return nil
}

// Sample says what becomes of one sample. It has a Family, or is Rejected, or a Rule drops it.
type Sample struct {
	Kind      string  `json:"kind,omitempty"`
	Name      string  `json:"name,omitempty"`
	Value     string  `json:"value,omitempty"`
	Meaning   string  `json:"meaning,omitempty"`
	Rate      float64 `json:"rate,omitempty"`
	Dialect   string  `json:"dialect,omitempty"`
	Tags      []Tag   `json:"tags,omitempty"`
	Container string  `json:"container,omitempty"`
	External  string  `json:"external,omitempty"`
	Timestamp int64   `json:"timestamp,omitempty"`

	Rule  *Rule     `json:"rule,omitempty"`  // that matched
	Tried []Attempt `json:"tried,omitempty"` // those before it that did not, at most 20 of a file
	near  []Attempt // of those, the ones to print

	Family string `json:"family,omitempty"`
	Type   string `json:"type,omitempty"`
	Series string `json:"series,omitempty"` // as the exposition writes it
	Legacy string `json:"legacy,omitempty"` // the same for scrapers that do not know its names

	NoLabels []string `json:"no_labels,omitempty"` // tags in series.exemplar_tags
	Exemplar string   `json:"exemplar,omitempty"`  // its labels, that those tags make

	Rejected string `json:"rejected,omitempty"`
	Offset   *int   `json:"offset,omitempty"` // in the line; nil when no part of it is to blame
	Advice   string `json:"advice,omitempty"`
}

// Tag is a tag of a sample, as it was sent.
type Tag struct {
	Key   string  `json:"key"`
	Value *string `json:"value"` // nil for a bare tag
}

// Explainer reads lines as a weir so configured would.
type Explainer struct {
	config   *config.Config
	tagging  aggregate.Tagging
	reserved []string
}

// New returns an Explainer for a valid configuration. Reserved are the names that no sample may take: those
// of weir's own families.
func New(c *config.Config, reserved ...string) *Explainer {
	return &Explainer{config: c, tagging: c.Ingest.Tagging(), reserved: reserved}
}

// Lines explains every line of text, each as the first that weir gets.
func (x *Explainer) Lines(text string) (all []Line) {
	decoder := x.config.Ingest.Decoder()
	decoder.Reset([]byte(text))
	ignored := 0
	for decoder.Next() {
		e := Line{Text: string(decoder.Line())}
		shard := aggregate.New(x.config.Aggregate, x.reserved...).NewTaggedShard(x.tagging)
		for {
			sample, err := decoder.Sample()
			if sample == nil && err == nil {
				break
			}
			if err != nil {
				e.Samples = append(e.Samples, rejected(err.Reason, &err.Offset))
				continue
			}
			e.Samples = append(e.Samples, x.sample(sample, shard))
		}
		e.FieldsIgnored, ignored = decoder.Ignored()-ignored, decoder.Ignored()
		all = append(all, e)
	}
	return all
}

func rejected(reason protocol.Reason, offset *int) Sample {
	return Sample{Rejected: reason.String(), Offset: offset, Advice: Advice(reason)}
}

// sample says how a sample is read and which series it belongs to. The shard has the samples before it in
// the line.
func (x *Explainer) sample(s *protocol.Sample, shard *aggregate.Shard) Sample {
	e := x.describe(s)
	if s.Kind == protocol.KindEvent {
		e.Family, e.Type, e.Series = "weir_events_total", "counter", "weir_events_total"
		return e
	}
	reason, named := shard.Record(s), shard.Explain(s)
	e.addRules(named.Rule, named.Attempts)
	switch reason {
	case protocol.ReasonNone:
	case protocol.ReasonDropped: // as the rule wants it
		return e
	default:
		e.Rejected, e.Advice = reason.String(), Advice(reason)
		return e
	}
	e.Family, e.Type = named.UTF8Family, named.Type.String()
	e.Series = seriesText(named.UTF8Family, named.UTF8Labels.Text(), named.UTF8Family != named.Family)
	if legacy := seriesText(named.Family, named.Labels.Text(), false); legacy != e.Series {
		e.Legacy = legacy
	}
	if !named.Exemplar.IsEmpty() && (e.Type == "counter" || e.Type == "histogram") {
		e.Exemplar = named.Exemplar.String()
	}
	return e
}

// seriesText returns a series as an exposition writes it; a name that has to be quoted stands between the
// braces.
func seriesText(name, labels string, isQuoted bool) string {
	switch {
	case isQuoted && labels == "":
		return `{"` + name + `"}`
	case isQuoted:
		return `{"` + name + `",` + labels + "}"
	case labels == "":
		return name
	default:
		return name + "{" + labels + "}"
	}
}

// describe says how a sample is read.
func (x *Explainer) describe(s *protocol.Sample) Sample {
	e := Sample{
		Kind: s.Kind.String(), Name: string(s.Name), Value: string(s.Text), Meaning: meanings[s.Kind],
		Container: string(s.Container), External: string(s.External), Timestamp: s.Timestamp,
	}
	if s.Rate != 1 {
		e.Rate = s.Rate
	}
	if s.Relative {
		e.Meaning = "moves the gauge"
	}
	dialect, tags := protocol.DogStatsD, s.Tags
	if s.Kind < protocol.KindCheck {
		if split := protocol.SplitName(s.Name, x.tagging.Dialects); split.Dialect != 0 {
			dialect, tags = split.Dialect, split.Tags
			e.Name = string(split.Name) + string(split.NameEnd)
		}
	}
	if dialect&x.tagging.Dialects == 0 || len(tags) == 0 {
		return e
	}
	e.Dialect = strings.Join(dialect.Names(), "")
	for key, value, rest := dialect.NextTag(tags); key != nil; key, value, rest = dialect.NextTag(rest) {
		tag := Tag{Key: string(key)}
		if value != nil {
			text := string(value)
			tag.Value = &text
		}
		e.Tags = append(e.Tags, tag)
		if slices.Contains(x.config.Aggregate.Series.ExemplarTags, tag.Key) {
			e.NoLabels = append(e.NoLabels, tag.Key)
		}
	}
	return e
}
