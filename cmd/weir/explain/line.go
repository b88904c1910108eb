package explain

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"weir/protocol"
)

// Line says what weir makes of a line.
type Line struct {
	Text    string   `json:"line"`
	Samples []Sample `json:"samples"`
	// FieldsIgnored is how many fields of the line weir does not know.
	FieldsIgnored int `json:"fields_ignored"`
	// Hint says which other protocol a line that is rejected looks like; mostly empty.
	Hint string `json:"hint,omitempty"`
	// RatesIgnored is how many bad sample rates of the line ingest.bad_rates ignores.
	RatesIgnored int `json:"rates_ignored,omitempty"`
}

// Sample says what weir makes of one sample. It has a Family, or it is Rejected, or its Rule drops it. One
// that [Live] rejects has both.
type Sample struct {
	// How the sample was read. These are empty when the line cannot be read.

	Kind      string  `json:"kind,omitempty"`
	Name      string  `json:"name,omitempty"` // without tags
	Value     string  `json:"value,omitempty"`
	Meaning   string  `json:"meaning,omitempty"` // what the value does
	Rate      float64 `json:"rate,omitempty"`    // 0 when it is 1
	Dialect   string  `json:"dialect,omitempty"` // of the tags
	Tags      []Tag   `json:"tags,omitempty"`
	Container string  `json:"container,omitempty"`
	External  string  `json:"external,omitempty"`
	Timestamp int64   `json:"timestamp,omitempty"`

	// Which rule names it.

	Rule  *Rule     `json:"rule,omitempty"`  // that matched
	Tried []Attempt `json:"tried,omitempty"` // rules before it that did not match, at most 20 of a file

	// Where it is recorded.

	Family   string `json:"family,omitempty"`
	Type     string `json:"type,omitempty"`
	Series   string `json:"series,omitempty"`    // as an exposition writes it
	SeriesID string `json:"series_id,omitempty"` // its label.ID, which is the same in every process
	Changed  string `json:"changed,omitempty"`   // what is lost of the name; empty when no letter is
	Legacy   string `json:"legacy,omitempty"`    // as scrapers see it that do not accept names in UTF-8

	NoLabels []string `json:"no_labels,omitempty"` // tags in series.exemplar_tags: they make no label
	BareTags []string `json:"bare_tags,omitempty"` // tags without a value that ingest.bare_tags drops
	Exemplar string   `json:"exemplar,omitempty"`  // the labels that those tags make

	// What the running weir would do, when it is asked itself.

	IsNew    bool `json:"is_new,omitempty"`    // the sample would create its series
	IsFolded bool `json:"is_folded,omitempty"` // a limit would fold it into another series

	// Why it is not recorded.

	Rejected string `json:"rejected,omitempty"` // the reason
	Lost     int    `json:"lost,omitempty"`     // how many values are rejected together; 0 when it is one
	Offset   *int   `json:"offset,omitempty"`   // of the wrong part, in bytes; nil if no part is to blame
	Advice   string `json:"advice,omitempty"`
}

// sizeOf returns how many bytes a sample takes, about, as long as no character needs an escape.
func sizeOf(s *Sample) int {
	const fields, tag, attempt = 150, 30, 150 // their names, with some values
	n := fields + len(s.Name) + len(s.Value) + len(s.Container) + len(s.External) +
		len(s.Series) + len(s.Legacy) + len(s.Exemplar) + len(s.Advice) + attempt*len(s.Tried)
	for i := range s.Tags {
		n += tag + len(s.Tags[i].Key)
		if value := s.Tags[i].Value; value != nil {
			n += len(*value)
		}
	}
	return n
}

// Tag is a tag of a sample, as it was sent.
type Tag struct {
	Key   string  `json:"key"`
	Value *string `json:"value"` // nil for a bare tag
}

// rejected returns the sample, or the line, that the decoder rejected. It takes a copy of the error: the
// decoder uses that memory again.
func rejected(err protocol.Error) Sample {
	s := Sample{Rejected: err.Reason.String(), Offset: &err.Offset, Advice: Advice(err.Reason)}
	if err.Samples > 1 {
		s.Lost = err.Samples
	}
	return s
}

// Rejected reports whether weir would reject a sample of the line. A sample that a rule drops is not
// rejected.
func (l *Line) Rejected() bool {
	return slices.ContainsFunc(l.Samples, func(s Sample) bool { return s.Rejected != "" })
}

// WriteJSON writes l as one JSON object and a newline: see [PrintableJSON].
func (l *Line) WriteJSON(w io.Writer) error {
	text, err := json.Marshal(l)
	if err == nil {
		_, err = io.WriteString(w, PrintableJSON(text)+"\n")
	}
	if err != nil {
		return fmt.Errorf("write the explanation: %w", err)
	}
	return nil
}
