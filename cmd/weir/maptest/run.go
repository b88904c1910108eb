package maptest

import (
	"fmt"
	"io"
	"math"
	"strings"

	"weir/aggregate"
	"weir/cmd/weir/explain"
	"weir/config"
	"weir/protocol"
)

// Run runs every test in a registry of its own, with the names that no sample may take: those of weir's own
// families. It writes to w what differs from what is wanted and a line that sums up, and reports whether all
// tests passed.
func (s *Suite) Run(w io.Writer, c *config.Config, reserved ...string) (passed bool, err error) {
	c.Aggregate.Series.CounterBirth = aggregate.BirthValue // what scrapes see at first is none of the rules'
	var b strings.Builder
	failed := 0
	for i := range s.tests {
		r := s.tests[i].run(c, reserved)
		if len(r.diff) == 0 {
			continue
		}
		failed++
		b.WriteString(r.report(s.file, &s.tests[i]))
	}
	if failed > 0 {
		fmt.Fprintf(&b, "%s: %d of %d failed\n", s.file, failed, len(s.tests))
	} else {
		fmt.Fprintf(&b, "%s: ok, %d passed\n", s.file, len(s.tests))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return false, fmt.Errorf("write the results: %w", err)
	}
	return failed == 0, nil
}

// result is what became of the lines of a test.
type result struct {
	diff  []string // "- wanted" and "+ there", empty when the test passes
	trace []string // what became of each sample, and by which rule
}

// run is a test while it runs.
type run struct {
	result

	words    map[string]bool
	isMapped map[string]bool // by series, "family{labels}": whether a rule made it
}

// run runs t in a registry of its own.
func (t *test) run(c *config.Config, reserved []string) result {
	registry := aggregate.New(c.Aggregate, reserved...)
	r := run{words: map[string]bool{}, isMapped: map[string]bool{}}
	decoder := c.Ingest.Decoder()
	r.record(&decoder, registry.NewTaggedShard(c.Ingest.Tagging()), t)
	r.compare(registry.Snapshot(), t.want)
	return r.result
}

func (r *run) record(decoder *protocol.Decoder, shard *aggregate.Shard, t *test) {
	decoder.Reset([]byte(strings.Join(t.lines, "\n")))
	for decoder.Next() {
		for {
			sample, err := decoder.Sample()
			if sample == nil && err == nil {
				break
			}
			line := explain.Printable(string(decoder.Line())) + "  "
			if err != nil {
				r.trace = append(r.trace, line+r.note(wordRejected+" "+err.Reason.String()))
				continue
			}
			r.trace = append(r.trace, line+r.sample(shard, sample))
		}
	}
}

// note notes a word.
func (r *run) note(word string) string {
	r.words[word] = true
	return word
}

// sample records a sample, and says what became of it.
func (r *run) sample(shard *aggregate.Shard, s *protocol.Sample) string {
	if s.Kind == protocol.KindEvent {
		return r.note(wordUnmapped)
	}
	reason, named := shard.Record(s), shard.Explain(s)
	series := named.Family + "{" + named.Labels.Text() + "}"
	by := ""
	if named.Rule != nil {
		rule := explain.NewRule(named.Rule)
		by = "by " + rule.String()
	}
	switch {
	case reason == protocol.ReasonDropped:
		return r.note(wordDropped) + " " + by
	case reason != protocol.ReasonNone:
		return strings.TrimSpace(r.note(wordRejected+" "+reason.String()) + " " + by)
	case named.Rule == nil:
		return r.note(wordUnmapped)
	default:
		r.isMapped[series] = true
		return by
	}
}

// compare finds what differs between what is wanted and what there is.
func (r *run) compare(s *aggregate.Snapshot, want []outcome) {
	there := map[string]seriesSample{}
	var order []string
	for _, f := range s.Families {
		for _, series := range f.Series {
			isMapped := r.isMapped[f.Name()+"{"+series.Labels().Text()+"}"]
			for _, sample := range seriesSamples(f.Family, series) {
				sample.isDetail = sample.isDetail || !isMapped
				there[sample.key] = sample
				order = append(order, sample.key)
			}
		}
	}
	for _, word := range sortedKeys(r.words) {
		there[word] = seriesSample{outcome: outcome{key: word, isWord: true}}
		order = append(order, word)
	}
	for _, o := range want {
		got, found := there[o.key]
		if found && same(got.value, o.value) {
			delete(there, o.key)
			continue
		}
		r.diff = append(r.diff, "- "+o.String())
		if found {
			r.diff = append(r.diff, "+ "+got.String())
			delete(there, o.key)
		}
	}
	for _, key := range order {
		if got, left := there[key]; left && !got.isDetail {
			r.diff = append(r.diff, "+ "+got.String())
		}
	}
}

// String is the outcome as a test has it.
func (o outcome) String() string {
	if o.isWord {
		return o.key
	}
	return o.key + " " + formatValue(o.value)
}

// same reports whether values are equal but for rounding.
func same(a, b float64) bool {
	const epsilon = 1e-9
	if a == b || math.IsNaN(a) && math.IsNaN(b) {
		return true
	}
	return !math.IsInf(a, 0) && !math.IsInf(b, 0) && math.Abs(a-b) <= epsilon*max(math.Abs(a), math.Abs(b))
}

// report says how a test failed.
func (r *result) report(file string, t *test) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: %s: failed; - is wanted, + is there\n", file, t.line, explain.Printable(t.name))
	for _, line := range r.diff {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	for _, line := range r.trace {
		fmt.Fprintf(&b, "    %s\n", line)
	}
	return b.String()
}
