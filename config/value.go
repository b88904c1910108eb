package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"weir/internal/bytesize"
)

// kind is the kind of value that a key has.
type kind uint8

const (
	section    kind = iota // keys
	text                   // string
	boolean                // bool
	integer                // int
	number                 // float64
	duration               // time.Duration
	size                   // bytesize.Size
	textList               // []string
	numberList             // []float64
	millis                 // a time.Duration, written as a whole number of milliseconds; aliases only
	byteCount              // a bytesize.Size, written as a whole number of bytes; aliases only
	port                   // a ":port" string, written as a number; aliases only
)

// word names k in the help: --cache.ttl duration.
func (k kind) word() string {
	return [...]string{
		section:    "section",
		text:       "text",
		boolean:    "bool",
		integer:    "int",
		number:     "number",
		duration:   "duration",
		size:       "size",
		textList:   "list",
		numberList: "numbers",
		millis:     "int",
		byteCount:  "int",
		port:       "int",
	}[k]
}

// want says what a value of k looks like.
func (k kind) want() string {
	return "want " + [...]string{
		section:    "a section",
		text:       "text, in quotes where it looks like something else",
		boolean:    "true or false",
		integer:    "a whole number",
		number:     "a number",
		duration:   "a duration with a unit, like 5s or 250ms",
		size:       "a size like 4MiB, 64KiB or 512B",
		textList:   `a list of texts, like ["a", "b"]`,
		numberList: "a list of numbers, like [0.5, 1]",
		millis:     "a whole number of milliseconds, at least 0",
		byteCount:  "a whole number of bytes, at least 0",
		port:       "a port, 0 to 65535",
	}[k]
}

// element returns the kind of a list's elements; ok is false when k is no list.
func (k kind) element() (e kind, ok bool) {
	switch k {
	case textList:
		return text, true
	case numberList:
		return number, true
	default:
		return section, false
	}
}

// tags are the tags that a YAML scalar of kind k may have.
func (k kind) tags() string {
	switch k {
	case boolean:
		return "!!bool"
	case integer, millis, byteCount, port:
		return "!!int"
	case number:
		return "!!int !!float"
	case size:
		return "!!str !!int"
	default:
		return "!!str"
	}
}

// parse reads s, the text of a scalar, and returns its value in the type that Config has for it. It reads
// file, environment and flags alike; ok is false when s is no k. Numbers are decimal: 010 is ten.
func (k kind) parse(s string) (value any, ok bool) {
	var err error
	switch k {
	case text:
		return s, true
	case boolean:
		value, err = strconv.ParseBool(strings.ToLower(s))
		return value, err == nil && len(s) >= len("true") // not 1, 0, t or f
	case integer:
		value, err = strconv.Atoi(s)
	case number:
		return parseNumber(s)
	case duration:
		value, err = time.ParseDuration(s)
		return value, err == nil && strings.TrimLeft(s, "+-0.") != "" // ParseDuration takes a bare 0
	case size:
		value, err = bytesize.Parse(s)
	case millis:
		var ms uint64
		ms, err = strconv.ParseUint(s, 10, 43) // 2^43 ms is 278 years, and fits a time.Duration
		value = time.Duration(ms) * time.Millisecond
	case byteCount:
		var n uint64
		n, err = strconv.ParseUint(s, 10, 31)
		value = bytesize.Size(n)
	case port:
		var n uint64
		n, err = strconv.ParseUint(s, 10, 16)
		value = ":" + strconv.FormatUint(n, 10)
	default:
		return nil, false
	}
	return value, err == nil
}

func parseNumber(s string) (any, bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
}

// collect makes the values of a list's elements into the list's type.
func (k kind) collect(elements []any) any {
	if k == numberList {
		return collect[float64](elements)
	}
	return collect[string](elements)
}

func collect[T any](elements []any) []T {
	list := make([]T, len(elements))
	for i, e := range elements {
		v, ok := e.(T)
		if !ok {
			panic(fmt.Sprintf("BUG: parse gave a %T in a list of %T", e, list))
		}
		list[i] = v
	}
	return list
}

// format writes a value so that parse, or the splitting of a list, reads it back.
func format(value any) string {
	switch v := value.(type) {
	case time.Duration:
		return formatDuration(v)
	case []string:
		return strings.Join(v, ",")
	case []float64:
		return strings.ReplaceAll(strings.Trim(fmt.Sprint(v), "[]"), " ", ",")
	default:
		return fmt.Sprint(v)
	}
}

// formatDuration writes 5m0s as 5m and 1h0m0s as 1h.
func formatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
