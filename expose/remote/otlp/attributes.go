package otlp

import (
	"bytes"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"weir/aggregate/label"
)

// KeyValue and AnyValue.
const (
	keyValueKey, keyValueValue = 1, 2
	anyString                  = 1
)

// identity maps the labels that identify a target in Prometheus to the attributes that its receiver makes
// them of.
var identity = map[string]string{"job": "service.name", "instance": "service.instance.id"}

// appendResource appends a Resource with external labels.
func appendResource(dst []byte, external label.Labels) []byte {
	a := attributes{}
	for name, value := range external.Escaped() {
		key := name
		if attribute, is := identity[name]; is {
			key = attribute
		} else if isIdentity(name, external) {
			continue // attributes have unique names
		}
		dst = a.appendPair(dst, resourceAttributes, key, value)
	}
	return dst
}

// isIdentity reports whether a name is that of an attribute which another label is mapped to.
func isIdentity(name string, external label.Labels) bool {
	for other, attribute := range identity {
		if _, has := external.Get(other); has && attribute == name {
			return true
		}
	}
	return false
}

// attributes writes label sets as attributes.
type attributes struct {
	external []string // names of the external labels

	value   []byte // scratch
	name    []byte // that the last label got, between nameEnds
	renamed []byte // all that labels of the set got, in the same way
}

const nameEnd = 0xff // no name has it: names are UTF-8

// exported is what stands before the name of a label that is an external one as well, and before names that
// are not translatable.
const exported = "exported_"

// isTranslatable reports whether Prometheus can make a name of its own of this one when it replaces all but
// letters, digits and underscores: if nothing else is left, it refuses the whole request.
func isTranslatable(name string) bool {
	for i := range len(name) {
		if c := name[i] | 0x20; 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
			return true
		}
	}
	return false
}

func newAttributes(external label.Labels) attributes {
	a := attributes{}
	for name := range external.Escaped() {
		a.external = append(a.external, name)
	}
	return a
}

// append appends the labels of a series as fields of that number.
func (a *attributes) append(dst []byte, number protowire.Number, labels label.Labels) []byte {
	a.renamed = a.renamed[:0]
	for name, value := range labels.Escaped() {
		if isTranslatable(name) && !slices.Contains(a.external, name) { // Fast path: nearly all names.
			dst = a.appendPair(dst, number, name, value)
			continue
		}
		a.rename(name, labels)
		dst = appendPair(dst, number, a.name[1:len(a.name)-1], a.unescaped(value))
	}
	return dst
}

// rename makes name a free name for a label of that name.
func (a *attributes) rename(name string, labels label.Labels) {
	for times := 1; ; times++ {
		a.name = append(a.name[:0], nameEnd)
		for range times {
			a.name = append(a.name, exported...)
		}
		a.name = append(append(a.name, name...), nameEnd)
		if !a.isTaken(a.name[1:len(a.name)-1], labels) {
			break
		}
	}
	a.renamed = append(a.renamed, a.name...)
}

// isTaken reports whether a name is that of another attribute of the series, or of an external label.
func (a *attributes) isTaken(name []byte, labels label.Labels) bool {
	for other := range labels.Escaped() {
		if other == string(name) {
			return true
		}
	}
	return slices.ContainsFunc(a.external, func(other string) bool { return other == string(name) }) ||
		bytes.Contains(a.renamed, a.name)
}

func (a *attributes) appendPair(dst []byte, number protowire.Number, name, escaped string) []byte {
	return appendPair(dst, number, name, a.unescaped(escaped))
}

func (a *attributes) unescaped(value string) []byte {
	a.value = label.AppendUnescaped(a.value[:0], value)
	return a.value
}

// appendPair appends a KeyValue, whose value is text, as a field of that number.
func appendPair[T ~string | ~[]byte](dst []byte, number protowire.Number, name T, value []byte) []byte {
	inValue := sizeOfMessage(anyString, len(value))
	inPair := sizeOfMessage(keyValueKey, len(name)) + sizeOfMessage(keyValueValue, inValue)
	dst = appendLength(dst, number, inPair)
	dst = append(appendLength(dst, keyValueKey, len(name)), name...)
	dst = appendLength(dst, keyValueValue, inValue)
	return appendMessage(dst, anyString, value)
}
