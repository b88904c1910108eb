package maptest

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/cmd/weir/explain"
	"weir/config"
	"weir/protocol"
)

// Run runs every test of s with the configuration c, and writes a report: the differences of each test that
// fails, then one line that sums up. Reserved are the names that no sample may take: those of weir's
// self-metrics. The error is one of writing.
func (s *Suite) Run(w io.Writer, c *config.Config, reserved ...string) (passed bool, err error) {
	var b strings.Builder
	failed := 0
	for i := range s.tests {
		r := s.tests[i].run(c, reserved)
		if len(r.diff) == 0 {
			continue
		}
		failed++
		r.report(&b, s.file, &s.tests[i])
	}
	if failed > 0 {
		fmt.Fprintf(&b, "%s: %d of %d failed\n", s.file, failed, len(s.tests))
	} else {
		fmt.Fprintf(&b, "%s: ok, %d passed\n", s.file, len(s.tests))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return false, fmt.Errorf("write the report: %w", err)
	}
	return failed == 0, nil
}

// run is one run of a test.
type run struct {
	words  map[string]bool // that the samples led to
	mapped map[series]bool // that rules created
	trace  []string        // what became of each sample, and by which rule
	diff   []string        // "- wanted" and "+ actual"; empty when the test passes
}

// series identifies a series of weir.
type series struct {
	family string
	labels label.Labels
}

// run runs t in a registry of its own, so that no test sees the series of another.
func (t *test) run(c *config.Config, reserved []string) *run {
	registry := aggregate.New(c.Aggregate, reserved...)
	r := &run{words: map[string]bool{}, mapped: map[series]bool{}}
	decoder := c.Ingest.Decoder()
	decoder.Reset([]byte(strings.Join(t.lines, "\n")))
	r.record(&decoder, registry.NewTaggedShard(c.Ingest.Tagging()))
	r.compare(t.want, r.lines(registry.Snapshot()))
	return r
}

// record records every sample and notes in the trace what became of it.
func (r *run) record(decoder *protocol.Decoder, shard *aggregate.Shard) {
	for decoder.Next() {
		text := explain.Printable(string(decoder.Line())) + "  "
		for sample, err := decoder.Sample(); sample != nil || err != nil; sample, err = decoder.Sample() {
			if err != nil {
				r.trace = append(r.trace, text+r.note(wordRejected+" "+err.Reason.String()))
			} else {
				r.trace = append(r.trace, text+r.sample(shard, sample))
			}
		}
	}
}

// note notes a word, and returns it.
func (r *run) note(word string) string {
	r.words[word] = true
	return word
}

// sample records a sample and returns what became of it.
func (r *run) sample(shard *aggregate.Shard, s *protocol.Sample) string {
	if s.Kind == protocol.KindEvent { // rules do not apply to events
		return r.note(wordUnmapped)
	}
	reason, named := shard.Record(s), shard.Explain(s)
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
		r.mapped[series{named.Family, named.Labels}] = true
		return by
	}
}

// lines returns the lines of every series, in the order of the exposition, then the words.
func (r *run) lines(s *aggregate.Snapshot) (all []line) {
	for _, f := range s.Families {
		for _, of := range f.Series {
			isMapped := r.mapped[series{f.Name(), of.Labels()}]
			for _, l := range linesOf(f.Family, of) {
				l.isDetail = l.isDetail || !isMapped
				all = append(all, l)
			}
		}
	}
	for _, word := range slices.Sorted(maps.Keys(r.words)) {
		all = append(all, line{outcome: outcome{key: key{word: word}}})
	}
	return all
}

// compare fills diff. An actual line that is a detail, and that the test does not want, is no difference.
func (r *run) compare(want []outcome, actual []line) {
	left := make(map[key]line, len(actual))
	for _, l := range actual {
		left[l.key] = l
	}
	for _, o := range want {
		got, found := left[o.key]
		delete(left, o.key)
		if found && same(got.value, o.value) {
			continue
		}
		r.diff = append(r.diff, "- "+o.String())
		if found {
			r.diff = append(r.diff, "+ "+got.String())
		}
	}
	for _, l := range actual {
		if _, isLeft := left[l.key]; isLeft && !l.isDetail {
			r.diff = append(r.diff, "+ "+l.String())
		}
	}
}

// report writes why t failed.
func (r *run) report(b *strings.Builder, file string, t *test) {
	fmt.Fprintf(b, "%s:%d: %s: failed; - is wanted, + is actual\n", file, t.line, explain.Printable(t.name))
	for _, text := range r.diff {
		fmt.Fprintf(b, "  %s\n", text)
	}
	for _, text := range r.trace {
		fmt.Fprintf(b, "    %s\n", text)
	}
}
