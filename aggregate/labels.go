package aggregate

import (
	"bytes"
	"slices"

	"weir/protocol"
)

// bareTagValue is the label value of a tag without one, as in "|#production".
const bareTagValue = "true"

// namer turns what a line calls a series into what the exposition calls it. It belongs to one shard; the
// results are valid until the next call.
type namer struct {
	options Sanitize
	name    []byte
	labels  []byte // rendered
	text    []byte // names and values of pairs
	pairs   []labelPair
}

// labelPair is a label as views into namer.text.
type labelPair struct{ name, value []byte }

// metricName returns the sanitised name.
func (n *namer) metricName(name []byte) []byte {
	n.name = appendName(n.name[:0], name)
	return n.name
}

// labelSet returns the labels of a tag section rendered for an exposition: `a="b",c="d"`, sorted by name.
// The rendering is canonical, so it also identifies the series within its family. Of tags with one name the
// last wins; a tag without a name, or with an empty value (which means to Prometheus that the label is
// absent), is left out.
func (n *namer) labelSet(tags []byte) []byte {
	n.labels, n.text, n.pairs = n.labels[:0], n.text[:0], n.pairs[:0]
	if len(tags) == 0 {
		return n.labels
	}
	for key, value, rest := protocol.NextTag(tags); key != nil; key, value, rest = protocol.NextTag(rest) {
		n.add(key, value)
	}
	slices.SortStableFunc(n.pairs, func(a, b labelPair) int { return bytes.Compare(a.name, b.name) })
	for i, p := range n.pairs {
		if i+1 < len(n.pairs) && bytes.Equal(p.name, n.pairs[i+1].name) || len(p.value) == 0 {
			continue
		}
		if len(n.labels) > 0 {
			n.labels = append(n.labels, ',')
		}
		n.labels = append(append(n.labels, p.name...), `="`...)
		n.labels = append(append(n.labels, p.value...), '"')
	}
	return n.labels
}

func (n *namer) add(key, value []byte) {
	if len(key) == 0 {
		return
	}
	start := len(n.text)
	n.text = appendLabelName(n.text, key)
	middle := len(n.text)
	if value == nil {
		n.text = append(n.text, bareTagValue...)
	} else {
		n.text = n.options.appendLabelValue(n.text, value)
	}
	n.pairs = append(n.pairs, labelPair{n.text[start:middle], n.text[middle:]})
}
