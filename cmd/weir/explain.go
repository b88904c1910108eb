package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"weir/aggregate"
	"weir/config"
	"weir/protocol"
)

// explanation says what becomes of a line.
type explanation struct {
	Line    string            `json:"line"`
	Samples []explainedSample `json:"samples"`
	// FieldsIgnored is how many fields of the line no version of the protocol knows.
	FieldsIgnored int `json:"fields_ignored"`
}

// explainedSample says what becomes of one sample. It has a Family, or is Rejected, or a Rule drops it.
type explainedSample struct {
	Kind      string         `json:"kind,omitempty"`
	Name      string         `json:"name,omitempty"`
	Value     string         `json:"value,omitempty"`
	Meaning   string         `json:"meaning,omitempty"`
	Rate      float64        `json:"rate,omitempty"`
	Dialect   string         `json:"dialect,omitempty"`
	Tags      []explainedTag `json:"tags,omitempty"`
	Container string         `json:"container,omitempty"`
	External  string         `json:"external,omitempty"`
	Timestamp int64          `json:"timestamp,omitempty"`

	Rule  *explainedRule     `json:"rule,omitempty"`  // that matched
	Tried []explainedAttempt `json:"tried,omitempty"` // those before it that did not, at most 20 of a file
	near  []explainedAttempt // of those, the ones to print

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

type explainedTag struct {
	Key   string  `json:"key"`
	Value *string `json:"value"` // nil for a bare tag
}

func newExplainCommand() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "explain LINE... [--json] [--config file] [flags]",
		Short: "say what becomes of a line, without sending it",
		Long: `weir explain says how each line is read: its dialect, fields and samples, the series that
each sample belongs to, the mapping rule that names it and why those before it do not match, and
what would be rejected and why. Nothing is opened or sent; series and types that a running weir
already knows are not taken into account. It exits 1 when a sample would be rejected; what a rule
drops is not.

  weir explain 'web.hits,status=200:1|c|@0.5' --config weir.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError("give at least one line, like 'web.hits:1|c'")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := readConfig(cmd)
			if err != nil {
				return err
			}
			return explainAll(cmd.OutOrStdout(), c, args, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "answer as JSON, one object for each line")
	addConfigFlags(cmd)
	return cmd
}

func explainAll(w io.Writer, c *config.Config, texts []string, asJSON bool) error {
	x, err := newExplainer(c)
	if err != nil {
		return err
	}
	write := printExplanation
	if asJSON {
		write = func(w io.Writer, e *explanation) error { return json.NewEncoder(w).Encode(e) }
	}
	rejected := false
	for _, e := range x.explain(strings.Join(texts, "\n")) {
		for _, s := range e.Samples {
			rejected = rejected || s.Rejected != ""
		}
		if err := write(w, &e); err != nil {
			return fmt.Errorf("write the explanation: %w", err)
		}
	}
	if rejected {
		return errReported
	}
	return nil
}

// explainer reads lines as a weir so configured would.
type explainer struct {
	config   *config.Config
	tagging  aggregate.Tagging
	reserved []string
}

func newExplainer(c *config.Config) (*explainer, error) {
	self, err := newSelfMetrics(c)
	if err != nil {
		return nil, err
	}
	names, err := self.names()
	return &explainer{config: c, tagging: c.Ingest.Tagging(), reserved: names}, err
}

func (x *explainer) registry() *aggregate.Registry {
	return aggregate.New(x.config.Aggregate, x.reserved...)
}

// explain explains every line of text, each as the first that weir gets.
func (x *explainer) explain(text string) (all []explanation) {
	decoder := x.config.Ingest.Decoder()
	decoder.Reset([]byte(text))
	ignored := 0
	for decoder.Next() {
		e := explanation{Line: string(decoder.Line())}
		shard := x.registry().NewTaggedShard(x.tagging)
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

func rejected(reason protocol.Reason, offset *int) explainedSample {
	return explainedSample{Rejected: reason.String(), Offset: offset, Advice: advice[reason]}
}

// sample says how a sample is read and which series it belongs to. The shard has the samples before it in
// the line.
func (x *explainer) sample(s *protocol.Sample, shard *aggregate.Shard) explainedSample {
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
		e.Rejected, e.Advice = reason.String(), advice[reason]
		return e
	}
	e.Family, e.Type = named.UTF8Family, named.Type.String()
	e.Series = seriesText(named.UTF8Family, named.UTF8Labels, named.UTF8Family != named.Family)
	if legacy := seriesText(named.Family, named.Labels, false); legacy != e.Series {
		e.Legacy = legacy
	}
	if named.Exemplar != "" && (e.Type == "counter" || e.Type == "histogram") {
		e.Exemplar = "{" + named.Exemplar + "}"
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
func (x *explainer) describe(s *protocol.Sample) explainedSample {
	e := explainedSample{
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
		tag := explainedTag{Key: string(key)}
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
