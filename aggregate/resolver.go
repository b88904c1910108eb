package aggregate

import (
	"bytes"
	"slices"

	"weir/aggregate/label"
	"weir/aggregate/mapping"
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

// resolver turns what a line calls a series into what the exposition calls it. It belongs to one shard; the
// results are valid until the next call.
type resolver struct {
	options              Sanitize
	tagging              Tagging
	matcher              matcher
	name                 []byte
	labels               []byte // rendered
	utf8Name, utf8Labels []byte // as spelled; empty with legacy names
	text                 []byte // names and values of pairs
	pairs                []labelPair

	duplicates int  // tags of the last call that another of the same name has overridden
	others     int  // labels of the last call whose value is beyond a cap
	onlyLooks  bool // values are compared with caps, not remembered
}

// labelPair is a label as views into resolver.text.
type labelPair struct {
	name, value []byte
	utf8Name    []byte // as an exposition has it, quoted if need be; nil with legacy names
	isTag       bool   // the sender's, not a rule's
}

// identity is what a sample is called, and what becomes of it.
type identity struct {
	name        []byte        // sanitised
	labels      []byte        // rendered: see label.Labels
	id          label.ID      // of both
	utf8Names   utf8Names     // of both
	help        string        // of the rule; empty when it has none
	rule        *mapping.Rule // that matched; nil when none did
	aggregation *aggregation
	caps        []labelCap
	reason      protocol.Reason // why it can have no name; ReasonNone when it has one
}

// resolve names a sample.
//
// The label set is rendered as a text (see label.Labels) and hashed with the name: the series' label.ID. A tag without a name, or with an empty value (which
// means to Prometheus that the label is absent), is left out; of the others with one name the last wins.
func (n *resolver) resolve(m *protocol.Sample) identity {
	n.reset()
	if m.Kind == protocol.KindCheck {
		n.name = append(n.name, ServiceCheckFamily...)
		n.addTags(protocol.DogStatsD, m.Tags)
		n.add(checkLabel, m.Name, true)
		return n.finish(identity{aggregation: n.matcher.rules.unmatched})
	}
	split := protocol.SplitName(m.Name, n.tagging.Dialects)
	dialect, tags := split.Dialect, split.Tags
	switch {
	case dialect == 0, len(m.Tags) > 0 && !makesLabel(dialect, tags):
		dialect, tags = n.tagging.Dialects&protocol.DogStatsD, m.Tags
	case len(m.Tags) > 0:
		return identity{reason: protocol.ReasonMixedTags}
	}
	if len(n.matcher.matchers) > 0 {
		n.matcher.name = append(append(n.matcher.name[:0], split.Name...), split.NameEnd...)
		return n.mapped(m, dialect, tags)
	}
	n.setName(split.Name, split.NameEnd)
	if len(n.name) == 0 {
		return identity{reason: protocol.ReasonEmptyName}
	}
	if dialect != 0 {
		n.addTags(dialect, tags)
	}
	n.addOrigin(m)
	return n.finish(identity{aggregation: n.matcher.rules.unmatched})
}

// initial names a series that a rule asks for from the start.
func (n *resolver) initial(s *mapping.InitialSeries, t *aggregation, caps []labelCap) identity {
	n.reset()
	n.setName([]byte(s.Name), nil)
	n.addLabels(s.Labels)
	return n.finish(identity{help: s.Rule.Help, aggregation: t, caps: caps})
}

func (n *resolver) reset() {
	n.name, n.labels, n.text, n.pairs = n.name[:0], n.labels[:0], n.text[:0], n.pairs[:0]
	n.utf8Name, n.utf8Labels = n.utf8Name[:0], n.utf8Labels[:0]
	n.duplicates, n.others = 0, 0
}

// makesLabel reports whether a tag section has a tag that makes a label.
func makesLabel(dialect protocol.Dialects, tags []byte) bool {
	for key, value, rest := dialect.NextTag(tags); key != nil; key, value, rest = dialect.NextTag(rest) {
		if len(key) > 0 && (value == nil || len(value) > 0) {
			return true
		}
	}
	return false
}

// mapped names a sample by the rules; its name without tags is in the matcher.
func (n *resolver) mapped(m *protocol.Sample, dialect protocol.Dialects, tags []byte) identity {
	x := &n.matcher
	x.tags = x.tags[:0]
	if dialect != 0 {
		for key, value, rest := dialect.NextTag(tags); key != nil; key, value, rest = dialect.NextTag(rest) {
			x.tags = append(x.tags, mapping.Tag{Key: key, Value: value})
		}
	}
	result, identity := x.match(m.Kind)
	if identity.reason != protocol.ReasonNone {
		return identity
	}
	n.setName(result.Name, nil)
	if len(n.name) == 0 {
		identity.reason = protocol.ReasonEmptyName
		return identity
	}
	own, static := result.Labels[:result.Own], result.Labels[result.Own:]
	n.addLabels(x.unmatched.Labels)
	n.addLabels(static)
	if result.Rule.HonorLabels {
		n.addLabels(own)
	}
	n.addMappedTags(result.Rule)
	n.addOrigin(m)
	if !result.Rule.HonorLabels {
		n.addLabels(own)
	}
	return n.finish(identity)
}

// addMappedTags adds the tags of the matcher but those that a rule drops, by the names that it gives them.
func (n *resolver) addMappedTags(r *mapping.Rule) {
	for _, tag := range n.matcher.tags {
		key := tag.Key
		if len(r.DropLabels) > 0 || len(r.LabelMap) > 0 {
			name := string(label.AppendKey(nil, key))
			if slices.Contains(r.DropLabels, name) || slices.Contains(r.DropLabels, string(key)) {
				continue
			}
			if other, found := r.LabelMap[name]; found {
				key = []byte(other)
			} else if other, found = r.LabelMap[string(key)]; found {
				key = []byte(other)
			}
		}
		n.add(key, tag.Value, true)
	}
}

func (n *resolver) addLabels(labels []mapping.Label) {
	for _, l := range labels {
		if l.Value == nil {
			l.Value = []byte{}
		}
		n.add([]byte(l.Name), l.Value, false)
	}
}

var checkLabel, containerIDLabel, podUIDLabel, containerNameLabel = []byte("check"), []byte("container_id"),
	[]byte("pod_uid"), []byte("container_name")

func (n *resolver) addTags(dialect protocol.Dialects, tags []byte) {
	for key, value, rest := dialect.NextTag(tags); key != nil; key, value, rest = dialect.NextTag(rest) {
		n.add(key, value, true)
	}
}

// addOrigin adds the labels of the origin that are asked for. A sender's own tag of such a name gives way.
func (n *resolver) addOrigin(m *protocol.Sample) {
	if n.tagging.ContainerID && len(m.Container) > 0 {
		n.add(containerIDLabel, bytes.TrimPrefix(m.Container, []byte("ci-")), true)
	}
	if !n.tagging.PodUID && !n.tagging.ContainerName {
		return
	}
	for part := range bytes.SplitSeq(m.External, []byte(",")) { // it-false,cn-name,pu-uid
		if uid, found := bytes.CutPrefix(part, []byte("pu-")); found && n.tagging.PodUID {
			n.add(podUIDLabel, uid, true)
		}
		if name, found := bytes.CutPrefix(part, []byte("cn-")); found && n.tagging.ContainerName {
			n.add(containerNameLabel, name, true)
		}
	}
}

// add adds a tag, or another label; a nil value means that a tag has none.
func (n *resolver) add(key, value []byte, isTag bool) {
	if len(key) == 0 || isTag && value != nil && len(value) == 0 {
		return
	}
	pair, start := labelPair{isTag: isTag}, len(n.text)
	n.text = label.AppendKey(n.text, key)
	pair.name, start = n.text[start:], len(n.text)
	if value == nil {
		n.text = append(n.text, bareTagValue...)
	} else {
		n.text = n.options.values().Append(n.text, value)
	}
	pair.value, start = n.text[start:], len(n.text)
	if n.options.Names == NamesUTF8 {
		n.text = label.AppendUTF8Key(n.text, key, pair.name)
		pair.utf8Name = n.text[start:]
	}
	n.pairs = append(n.pairs, pair)
}

// render sorts the pairs and renders them, with values that the caps allow.
func (n *resolver) render(caps []labelCap) []byte {
	slices.SortStableFunc(n.pairs, func(a, b labelPair) int { return bytes.Compare(a.name, b.name) })
	for i, p := range n.pairs {
		if i+1 < len(n.pairs) && bytes.Equal(p.name, n.pairs[i+1].name) {
			if p.isTag && n.pairs[i+1].isTag {
				n.duplicates++
			}
			continue
		}
		if len(p.value) == 0 {
			continue
		}
		value := n.capped(caps, &p)
		n.labels = label.Append(n.labels, p.name, value)
		if n.options.Names == NamesUTF8 {
			n.utf8Labels = label.Append(n.utf8Labels, p.utf8Name, value)
		}
	}
	return n.labels
}

// capped returns the value of a pair, or OtherValue when it would be one too many.
func (n *resolver) capped(caps []labelCap, p *labelPair) []byte {
	values := findCap(caps, p.name)
	switch {
	case values == nil,
		n.onlyLooks && values.fits(p.value),
		!n.onlyLooks && values.take(p.value):
		return p.value
	default:
		n.others++
		return otherValue
	}
}

var otherValue = []byte(OtherValue)
