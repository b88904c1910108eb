package explain

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/config"
	"weir/protocol"
)

// Explainer explains lines as a weir with a given configuration reads them.
type Explainer struct {
	config   *config.Config
	tagging  aggregate.Tagging
	reserved []string
	judge    *aggregate.Judge // nil when no registry is asked
}

// New returns an Explainer for a valid configuration. Reserved are the names that no sample may take: those
// of weir's self-metrics.
func New(c *config.Config, reserved ...string) *Explainer {
	return &Explainer{config: c, tagging: c.Ingest.Tagging(), reserved: reserved}
}

// Among makes x judge samples by what a running registry has, too: the types of names, and the limits. It
// returns x, which belongs to one goroutine.
func (x *Explainer) Among(r *aggregate.Registry) *Explainer {
	x.judge = aggregate.NewJudge(r, x.tagging)
	return x
}

// Lines explains every line of text. Each is recorded in a registry of its own, so that the type of a name in
// one line does not matter to the next; the samples of a line share it, as do those of a running weir.
func (x *Explainer) Lines(text string) (all []Line) {
	all, _ = x.First(text, len(text), math.MaxInt)
	return all
}

// First explains the first lines of text, at most so many: see Lines. It ends within a line, too, when the
// explanations have more than so many bytes, about: each of a thousand values has all tags of its line.
// isWhole reports whether it explained all of text.
func (x *Explainer) First(text string, lines, bytes int) (all []Line, isWhole bool) {
	decoder := x.config.Ingest.Decoder()
	decoder.Reset([]byte(text))
	ignored, badRates := 0, 0
	for decoder.Next() {
		if len(all) == lines {
			return all, false
		}
		line := Line{Text: string(decoder.Line())}
		shard := aggregate.New(x.config.Aggregate, x.reserved...).NewTaggedShard(x.tagging)
		for sample, err := decoder.Sample(); sample != nil || err != nil; sample, err = decoder.Sample() {
			if err != nil {
				line.Samples = append(line.Samples, rejected(*err))
			} else {
				line.Samples = append(line.Samples, x.sample(sample, shard))
			}
			if bytes -= sizeOf(&line.Samples[len(line.Samples)-1]); bytes < 0 {
				return append(all, line), false
			}
		}
		line.FieldsIgnored, ignored = decoder.Ignored()-ignored, decoder.Ignored()
		if line.Rejected() {
			line.Hint = cmp.Or(Foreign(line.Text), escaped(line.Text))
		}
		line.RatesIgnored, badRates = decoder.BadRates()-badRates, decoder.BadRates()
		all = append(all, line)
	}
	return all, true
}

// escaped says what is wrong with a line in which somebody wrote \n for a newline; "" for other lines.
func escaped(line string) string {
	if !strings.Contains(line, `\n`) {
		return ""
	}
	return `\n in it is a backslash and an n, no newline: write $'...\n...' in a shell, ` +
		`or weir explain - to read lines`
}

// lettersLost says what becomes of a name with letters that are not legal for every Prometheus version.
const lettersLost = "letters of the name are lost: legacy names have only ASCII letters; " +
	"sanitize.names: utf8 keeps them"

// sample records a sample in the shard, which has the samples before it in the line, and explains it.
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
	case protocol.ReasonDropped: // the rule says so
		return e
	default:
		e.Rejected, e.Advice = reason.String(), Advice(reason)
		return e
	}
	e.Family, e.Type, e.SeriesID = named.UTF8Family, named.Type.String(), named.ID.String()
	e.Series = seriesText(named.UTF8Family, named.UTF8Labels, named.UTF8Family != named.Family)
	if named.Rule == nil && x.config.Aggregate.Sanitize.Names != aggregate.NamesUTF8 &&
		label.LosesLetters([]byte(e.Name)) {
		e.Changed = lettersLost
	}
	if legacy := seriesText(named.Family, named.Labels, false); legacy != e.Series {
		e.Legacy = legacy
	}
	if named.Type == aggregate.TypeCounter || named.Type == aggregate.TypeHistogram {
		e.Exemplar = named.Exemplar.String()
	}
	if x.judge != nil {
		x.ask(&e, s)
	}
	return e
}

// ask adds what the running registry would do with a sample.
func (x *Explainer) ask(e *Sample, s *protocol.Sample) {
	v := x.judge.Verdict(s)
	e.IsNew, e.IsFolded = v.IsNew, v.IsFolded
	switch {
	case v.Reason == protocol.ReasonNone:
	case v.Reason == protocol.ReasonTypeConflict:
		e.Rejected, e.Advice = v.Reason.String(), v.Detail
	case v.Detail != "":
		e.Rejected, e.Advice = v.Reason.String(), Advice(v.Reason)+": "+v.Detail
	default:
		e.Rejected, e.Advice = v.Reason.String(), Advice(v.Reason)
	}
}

// seriesText returns a series as an exposition writes it. A name that has to be quoted stands between the
// braces: {"web.hits",code="200"}.
func seriesText(name string, labels label.Labels, isQuoted bool) string {
	switch {
	case !isQuoted:
		return name + labels.String()
	case labels.IsEmpty():
		return `{"` + name + `"}`
	default:
		return `{"` + name + `",` + labels.Text() + "}"
	}
}

// describe says how a sample was read.
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
	if s.Kind < protocol.KindCheck { // only names of metrics have tags in them
		split := protocol.SplitName(s.Name, x.tagging.Dialects)
		dialect, tags, _ = x.tagging.Tags(&split, s.Tags)
		e.Name = string(split.Name) + string(split.NameEnd)
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
		} else if x.tagging.DropBare {
			e.BareTags = append(e.BareTags, tag.Key)
		}
		e.Tags = append(e.Tags, tag)
		if slices.Contains(x.config.Aggregate.Series.ExemplarTags, tag.Key) {
			e.NoLabels = append(e.NoLabels, tag.Key)
		}
	}
	return e
}
