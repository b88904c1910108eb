package aggregate

import (
	"bytes"
	"iter"
	"slices"

	"weir/aggregate/label"
	"weir/aggregate/mapping"
	"weir/protocol"
)

// ServiceCheckFamily is the family of the last status of service checks, 0 (ok) to 3 (unknown); its label
// "check" is the name of the check.
const ServiceCheckFamily = "weir_service_check_status"

// Tagging says how a shard reads tags.
type Tagging struct {
	// Dialects are the dialects that are read. Tags written in another stay part of the name (DogStatsD: are
	// dropped).
	Dialects protocol.Dialects
	// DropBare leaves out tags without a value, which make a label with the value "true" otherwise.
	DropBare bool
	// ContainerID, PodUID and ContainerName make labels container_id, pod_uid and container_name of the
	// origin that a line tells.
	ContainerID, PodUID, ContainerName bool
}

// Tags returns the tags of a sample, as they were sent, and the dialect that they are written in: the tags
// in its name, or those behind its type when none in the name makes a label. Mixed reports that both do, or
// may. The dialect is 0 when the tags are not read.
func (t *Tagging) Tags(
	name *protocol.NameTags, behind []byte,
) (dialect protocol.Dialects, tags []byte, mixed bool) {
	switch {
	case name.Dialect == 0, len(behind) > 0 && !t.makesLabel(name.Dialect, name.Tags):
		return t.Dialects & protocol.DogStatsD, behind, false
	default:
		return name.Dialect, name.Tags, len(behind) > 0
	}
}

// makesLabel reports whether a tag section has a tag that makes a label.
func (t *Tagging) makesLabel(dialect protocol.Dialects, tags []byte) bool {
	for key, value := range t.Each(dialect, tags) {
		if len(key) > 0 && (value == nil || len(value) > 0) {
			return true
		}
	}
	return false
}

// Each iterates over the tags of a section in the dialect, as [protocol.Dialects.NextTag] splits them,
// except the tags that are dropped.
func (t *Tagging) Each(dialect protocol.Dialects, tags []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		for key, value, rest := dialect.NextTag(tags); key != nil; key, value, rest = dialect.NextTag(rest) {
			if (value != nil || !t.DropBare) && !yield(key, value) {
				return
			}
		}
	}
}

func (t *Tagging) usesOrigin() bool { return t.ContainerID || t.PodUID || t.ContainerName }

// resolver finds the identity of a sample: it maps, sanitises and sorts. It belongs to one shard, and needs
// no lock; the results are valid until the next call.
type resolver struct {
	options        Sanitize
	tagging        Tagging
	matcher        matcher
	name, utf8Name []byte
	sent           []byte // the name of the last call without tags, as it was sent
	labels         label.Sanitizer

	duplicates int  // tags of the last call that gave way to another of the same name
	others     int  // labels of the last call whose value is beyond a cap
	onlyLooks  bool // values are compared with caps, not remembered
}

func newResolver(o *Sanitize, t Tagging, rules *ruleset) resolver {
	return resolver{
		options: *o, tagging: t, matcher: newMatcher(rules),
		labels: label.Sanitizer{Values: o.values(), UTF8: o.Names == NamesUTF8},
	}
}

// identity is what a sample is called, and how it is aggregated.
type identity struct {
	name        []byte        // sanitised
	sent        []byte        // the name as it was sent, without tags; nil when a rule gave the name
	labels      []byte        // the text of the label set: see label.Labels
	id          label.ID      // of both
	utf8        utf8Names     // of both
	help        string        // of the rule; empty when it has none
	rule        *mapping.Rule // the rule that matched; nil when none did
	hits        *mapping.Hits // of that rule; nil when none did
	aggregation *aggregation
	caps        []labelCap
	reason      protocol.Reason // why it can have no name; ReasonNone when it has one
}

// utf8Names are a name and the text of a label set with names as they were sent; nil where legacy names are
// the same.
type utf8Names struct{ name, labels []byte }

// resolve returns the identity of a sample. The order of its tags makes no difference.
func (n *resolver) resolve(m *protocol.Sample) identity {
	n.reset(typeOf(m.Kind))
	if m.Kind == protocol.KindCheck {
		n.name = append(n.name, ServiceCheckFamily...)
		n.addTags(protocol.DogStatsD, m.Tags)
		n.labels.AddTag(checkLabel, m.Name)
		return n.finish(identity{aggregation: n.matcher.rules.unmatched})
	}
	split := protocol.SplitName(m.Name, n.tagging.Dialects)
	dialect, tags, mixed := n.tagging.Tags(&split, m.Tags)
	if mixed {
		return identity{reason: protocol.ReasonMixedTags}
	}
	n.sent = append(append(n.sent[:0], split.Name...), split.NameEnd...)
	if len(n.matcher.matchers) > 0 {
		n.matcher.name = append(n.matcher.name[:0], n.sent...)
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
	return n.finish(identity{sent: n.sent, aggregation: n.matcher.rules.unmatched})
}

// look is resolve for a sample that is not recorded: label values that it has take no place under their caps.
func (n *resolver) look(m *protocol.Sample) identity {
	n.onlyLooks = true
	defer func() { n.onlyLooks = false }()
	return n.resolve(m)
}

// initial returns the identity of a series that a rule creates from the start.
func (n *resolver) initial(s *mapping.InitialSeries, t *aggregation, caps []labelCap) identity {
	n.reset(typeOf(initialKind(s.Rule)))
	n.setName([]byte(s.Name), nil)
	n.addLabels(s.Labels)
	return n.finish(identity{help: s.Rule.Help, aggregation: t, caps: caps})
}

func (n *resolver) reset(t mapping.Type) {
	n.labels.Reserved = label.ReservedInAll
	if t == mapping.TypeObserver {
		n.labels.Reserved = label.ReservedInObservers
	}
	n.name, n.utf8Name = n.name[:0], n.utf8Name[:0]
	n.labels.Reset()
	n.duplicates, n.others = 0, 0
}

// setName sets the name from the parts of a name that was sent.
func (n *resolver) setName(name, end []byte) {
	n.name = label.AppendName(n.name[:0], name, end)
	if n.labels.UTF8 {
		n.utf8Name = label.AppendUTF8(label.AppendUTF8(n.utf8Name[:0], name), end)
	}
}

// mapped returns the identity that the rules give a sample; its name without tags is in the matcher.
func (n *resolver) mapped(m *protocol.Sample, dialect protocol.Dialects, tags []byte) identity {
	x := &n.matcher
	x.tags = x.tags[:0]
	if dialect != 0 {
		for key, value := range n.tagging.Each(dialect, tags) {
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
	if identity.rule == nil {
		identity.sent = n.sent
	}
	return n.finish(identity)
}

// addMappedTags adds the tags of the matcher, by the names that a rule gives them, except tags that it
// drops.
func (n *resolver) addMappedTags(r *mapping.Rule) {
	for _, tag := range n.matcher.tags {
		key := tag.Key
		if len(r.DropLabels) > 0 || len(r.LabelMap) > 0 {
			name := string(label.AppendKey(nil, key, n.labels.Reserved))
			if slices.Contains(r.DropLabels, name) || slices.Contains(r.DropLabels, string(key)) {
				continue
			}
			if other, found := r.LabelMap[name]; found {
				key = []byte(other)
			} else if other, found = r.LabelMap[string(key)]; found {
				key = []byte(other)
			}
		}
		n.labels.AddTag(key, tag.Value)
	}
}

func (n *resolver) addLabels(labels []mapping.Label) {
	for _, l := range labels {
		n.labels.Add(l.Name, l.Value)
	}
}

var checkLabel, containerIDLabel, podUIDLabel, containerNameLabel = []byte("check"), []byte("container_id"),
	[]byte("pod_uid"), []byte("container_name")

func (n *resolver) addTags(dialect protocol.Dialects, tags []byte) {
	for key, value := range n.tagging.Each(dialect, tags) {
		n.labels.AddTag(key, value)
	}
}

// addOrigin adds the labels that are made of the origin. A sender's own tag of such a name gives way.
func (n *resolver) addOrigin(m *protocol.Sample) {
	if n.tagging.ContainerID && len(m.Container) > 0 {
		n.labels.AddTag(containerIDLabel, bytes.TrimPrefix(m.Container, []byte("ci-")))
	}
	if !n.tagging.PodUID && !n.tagging.ContainerName {
		return
	}
	for part := range bytes.SplitSeq(m.External, []byte(",")) { // it-false,cn-name,pu-uid
		if uid, found := bytes.CutPrefix(part, []byte("pu-")); found && n.tagging.PodUID {
			n.labels.AddTag(podUIDLabel, uid)
		}
		if name, found := bytes.CutPrefix(part, []byte("cn-")); found && n.tagging.ContainerName {
			n.labels.AddTag(containerNameLabel, name)
		}
	}
}

// finish adds the name, the label set and the ID to an identity, or the reason that one of them is too long.
func (n *resolver) finish(x identity) identity {
	if max(len(n.name), len(n.utf8Name)) > n.options.NameMaxLength {
		return identity{rule: x.rule, hits: x.hits, reason: protocol.ReasonNameTooLong}
	}
	var replace func(name, value []byte) []byte
	if len(x.caps) > 0 {
		replace = func(name, value []byte) []byte { return n.capped(x.caps, name, value) }
	}
	x.name = n.name
	x.labels, x.utf8.labels, n.duplicates = n.labels.Render(replace)
	if max(len(x.labels), len(x.utf8.labels)) > n.options.LabelsMaxLength {
		return identity{rule: x.rule, hits: x.hits, reason: protocol.ReasonLabelsTooLong}
	}
	x.id = label.IDOf(x.name, x.labels)
	if len(n.utf8Name) > 0 && !bytes.Equal(n.utf8Name, n.name) {
		x.utf8.name = n.utf8Name
	}
	return x
}

// capped returns the value of a label, or OtherValue when it would be one too many.
func (n *resolver) capped(caps []labelCap, name, value []byte) []byte {
	values := findCap(caps, name)
	switch {
	case values == nil,
		n.onlyLooks && values.fits(value),
		!n.onlyLooks && values.take(value):
		return value
	default:
		n.others++
		return otherValue
	}
}
