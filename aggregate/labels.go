package aggregate

import (
	"bytes"
	"slices"

	"weir/protocol"
)

// bareTagValue is the label value of a tag without one, as in "|#production".
const bareTagValue = "true"

// ServiceCheckFamily is the family of the last status of service checks, 0 (ok) to 3 (unknown); its label
// "check" is the name of the check.
const ServiceCheckFamily = "weir_service_check_status"

// Tagging says how a shard reads tags.
type Tagging struct {
	// Dialects are those that are read. Tags written in another stay part of the name (DogStatsD: are
	// dropped).
	Dialects protocol.Dialects
	// ContainerID, PodUID and ContainerName make labels container_id, pod_uid and container_name of the
	// origin that a line tells.
	ContainerID, PodUID, ContainerName bool
}

func (t *Tagging) usesOrigin() bool { return t.ContainerID || t.PodUID || t.ContainerName }

// namer turns what a line calls a series into what the exposition calls it. It belongs to one shard; the
// results are valid until the next call.
type namer struct {
	options Sanitize
	tagging Tagging
	name    []byte
	labels  []byte // rendered
	text    []byte // names and values of pairs
	pairs   []labelPair

	duplicates int // tags of the last call that another of the same name has overridden
}

// labelPair is a label as views into namer.text.
type labelPair struct{ name, value []byte }

// resolve returns the sanitised name and the label set of a sample, or why it can have none.
//
// The label set is rendered for an exposition: `a="b",c="d"`, sorted by name. The rendering is canonical,
// so it also identifies the series within its family. Of tags with one name the last wins; a tag without a
// name, or with an empty value (which means to Prometheus that the label is absent), is left out.
func (n *namer) resolve(m *protocol.Sample) (name, labels []byte, reason protocol.Reason) {
	n.name, n.labels, n.text, n.pairs, n.duplicates = n.name[:0], n.labels[:0], n.text[:0], n.pairs[:0], 0
	if m.Kind == protocol.KindCheck {
		n.name = append(n.name, ServiceCheckFamily...)
		n.addTags(protocol.DogStatsD, m.Tags)
		n.add(checkLabel, m.Name)
		return n.name, n.render(), protocol.ReasonNone
	}
	split := protocol.SplitName(m.Name, n.tagging.Dialects)
	n.name = appendName(n.name, split.Name, split.NameEnd)
	switch {
	case len(n.name) == 0:
		return nil, nil, protocol.ReasonEmptyName
	case len(split.Tags) > 0 && len(m.Tags) > 0:
		return nil, nil, protocol.ReasonMixedTags
	case split.Dialect != 0:
		n.addTags(split.Dialect, split.Tags)
	case n.tagging.Dialects&protocol.DogStatsD != 0:
		n.addTags(protocol.DogStatsD, m.Tags)
	}
	n.addOrigin(m)
	return n.name, n.render(), protocol.ReasonNone
}

var checkLabel, containerIDLabel, podUIDLabel, containerNameLabel = []byte("check"), []byte("container_id"),
	[]byte("pod_uid"), []byte("container_name")

func (n *namer) addTags(dialect protocol.Dialects, tags []byte) {
	for key, value, rest := dialect.NextTag(tags); key != nil; key, value, rest = dialect.NextTag(rest) {
		n.add(key, value)
	}
}

// addOrigin adds the labels of the origin that are asked for. A sender's own tag of such a name gives way.
func (n *namer) addOrigin(m *protocol.Sample) {
	if n.tagging.ContainerID && len(m.Container) > 0 {
		n.add(containerIDLabel, bytes.TrimPrefix(m.Container, []byte("ci-")))
	}
	if !n.tagging.PodUID && !n.tagging.ContainerName {
		return
	}
	for part := range bytes.SplitSeq(m.External, []byte(",")) { // it-false,cn-name,pu-uid
		if uid, found := bytes.CutPrefix(part, []byte("pu-")); found && n.tagging.PodUID {
			n.add(podUIDLabel, uid)
		}
		if name, found := bytes.CutPrefix(part, []byte("cn-")); found && n.tagging.ContainerName {
			n.add(containerNameLabel, name)
		}
	}
}

// add adds a tag; a nil value means that it has none.
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

// render sorts the pairs and renders them.
func (n *namer) render() []byte {
	slices.SortStableFunc(n.pairs, func(a, b labelPair) int { return bytes.Compare(a.name, b.name) })
	for i, p := range n.pairs {
		if i+1 < len(n.pairs) && bytes.Equal(p.name, n.pairs[i+1].name) {
			n.duplicates++
			continue
		}
		if len(p.value) == 0 {
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
