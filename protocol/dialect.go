package protocol

import "bytes"

// Dialects is a set of ways to write tags.
type Dialects uint8

// The dialects. All except DogStatsD write the tags into the name, in front of the first ':'.
const (
	DogStatsD Dialects = 1 << iota // name:1|c|#key:value,bare
	InfluxDB                       // name,key=value,key=value:1|c
	Librato                        // name#key=value,key=value:1|c
	SignalFX                       // na[key=value,key=value]me:1|c
	Graphite                       // name;key=value;key=value:1|c

	AllDialects = DogStatsD | InfluxDB | Librato | SignalFX | Graphite
)

var dialectNames = []struct {
	dialect Dialects
	name    string
}{
	{DogStatsD, "dogstatsd"},
	{InfluxDB, "influxdb"},
	{Librato, "librato"},
	{SignalFX, "signalfx"},
	{Graphite, "graphite"},
}

// ParseDialect returns the dialect of a name, 0 when no dialect has that name.
func ParseDialect(name string) Dialects {
	for _, d := range dialectNames {
		if d.name == name {
			return d.dialect
		}
	}
	return 0
}

// Names returns the names of the dialects in d.
func (d Dialects) Names() (names []string) {
	for _, n := range dialectNames {
		if d&n.dialect != 0 {
			names = append(names, n.name)
		}
	}
	return names
}

// NameTags is a name as sent, split into the family's name and the tags.
type NameTags struct {
	// Name is the name without tags, in two parts: tags of SignalFX stand anywhere in it. Either may be
	// empty.
	Name, NameEnd []byte
	// Tags is the tag section as sent; nil without one.
	Tags []byte
	// Dialect is how the tags are written; 0 when there are none.
	Dialect Dialects
}

// SplitName splits a name as sent. One rule finds the dialect: brackets are SignalFX; otherwise the first of
// '#', ',' and ';' that a dialect in on uses begins the tags. A dialect that is off leaves its tags in the
// name. All parts are views.
func SplitName(name []byte, on Dialects) NameTags {
	if on&SignalFX != 0 {
		open := bytes.IndexByte(name, '[')
		if open >= 0 {
			if length := bytes.IndexByte(name[open:], ']'); length >= 0 {
				end := open + length
				return NameTags{name[:open], name[end+1:], name[open+1 : end], SignalFX}
			}
		}
	}
	for i, c := range name {
		if dialect := nameSeparator(c); dialect&on != 0 {
			return NameTags{Name: name[:i], Tags: name[i+1:], Dialect: dialect}
		}
	}
	return NameTags{Name: name}
}

// nameSeparator returns the dialect whose tags begin at c, 0 for any other byte.
func nameSeparator(c byte) Dialects {
	switch c {
	case '#':
		return Librato
	case ',':
		return InfluxDB
	case ';':
		return Graphite
	default:
		return 0
	}
}

// NextTag splits the first tag off a tag section written in dialect d. The key ends at the first ':'
// (DogStatsD) or '=' (the others); it may be empty. The value of a tag without one is nil; one that is
// written but empty is empty, not nil. Empty elements are skipped, and one '#' before a DogStatsD tag, which
// some clients write before each. At the end the key is nil. All three are views into tags.
func (d Dialects) NextTag(tags []byte) (key, value, rest []byte) {
	separator, equals := byte(','), byte('=')
	if d == DogStatsD {
		equals = ':'
	}
	if d == Graphite {
		separator = ';'
	}
	for len(tags) > 0 {
		element := tags
		if end := bytes.IndexByte(tags, separator); end >= 0 {
			element, rest = tags[:end], tags[end+1:]
		} else {
			rest = nil
		}
		if d == DogStatsD && len(element) > 0 && element[0] == '#' {
			element = element[1:]
		}
		if len(element) == 0 {
			tags = rest
			continue
		}
		if at := bytes.IndexByte(element, equals); at >= 0 {
			return element[:at], element[at+1:], rest
		}
		return element, nil, rest
	}
	return nil, nil, nil
}
