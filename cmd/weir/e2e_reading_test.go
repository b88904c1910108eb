package main_test

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// reading is what StatsD lines mean, by another decoder than weir's: as small as can be, for the lines that clients
// write. It says which values a scrape must show, by series; of a histogram its count and sum.
type reading struct {
	values            map[string]float64
	samples, rejected float64
	members           map[string]map[string]bool // of sets, by series
}

// read reads what came over a network.
func read(network string, pieces [][]byte) *reading {
	r := &reading{values: make(map[string]float64), members: make(map[string]map[string]bool)}
	for _, piece := range pieces {
		parts := [][]byte{piece}
		if network == "unix" {
			parts = packets(piece)
		}
		for _, part := range parts {
			for line := range strings.SplitSeq(string(part), "\n") {
				if line = strings.TrimSuffix(line, "\r"); line != "" {
					r.line(line)
				}
			}
		}
	}
	return r
}

// line reads one line.
//
//	name:value|type|@rate|#tag:value,tag:value
func (r *reading) line(line string) {
	r.samples++
	if strings.HasPrefix(line, "_e{") || strings.HasPrefix(line, "_sc|") {
		return
	}
	head, rest, _ := strings.Cut(line, "|")
	name, text, found := strings.Cut(head, ":")
	fields := strings.Split(rest, "|")
	rate, labels := 1.0, ""
	for _, field := range fields[1:] {
		if tags, isTags := strings.CutPrefix(field, "#"); isTags {
			labels = labelsOf(tags)
		} else if text, isRate := strings.CutPrefix(field, "@"); isRate {
			rate, _ = strconv.ParseFloat(text, 64) // clients write numbers
		}
	}
	value, err := strconv.ParseFloat(text, 64)
	if kind := fields[0]; found && kind == "s" {
		r.member(noName.ReplaceAllString(name, "_")+labels, text)
	} else if !found || err != nil || !r.add(noName.ReplaceAllString(name, "_"), labels, kind, text[0], value, rate) {
		r.rejected++
	}
}

// add adds a number to a series; it returns false for a sample that cannot be recorded.
func (r *reading) add(name, labels, kind string, sign byte, value, rate float64) bool {
	switch kind {
	case "c":
		if value < 0 {
			return false
		}
		r.values[name+labels] += value / rate
	case "g":
		if sign != '+' && sign != '-' {
			r.values[name+labels] = 0
		}
		r.values[name+labels] += value
	case "ms", "h", "d":
		if kind == "ms" {
			value /= 1000
		}
		r.values[name+"_count"+labels] += 1 / rate
		r.values[name+"_sum"+labels] += value / rate
	default:
		return false
	}
	return true
}

func (r *reading) member(series, member string) {
	if r.members[series] == nil {
		r.members[series] = make(map[string]bool)
	}
	r.members[series][member] = true
	r.values[series] = float64(len(r.members[series]))
}

var noName = regexp.MustCompile(`[^a-zA-Z0-9_]`)

// labelsOf returns tags as seriesKey writes labels.
func labelsOf(tags string) string {
	var pairs []string
	for tag := range strings.SplitSeq(tags, ",") {
		name, value, found := strings.Cut(tag, ":")
		if !found {
			value = "true"
		}
		name = noName.ReplaceAllString(name, "_")
		if strings.HasPrefix(name, "__") { // names that Prometheus keeps for itself
			name = "exported_" + name
		}
		pairs = append(pairs, name+"="+strconv.Quote(value))
	}
	slices.Sort(pairs)
	return "{" + strings.Join(pairs, ",") + "}"
}

// difference is a series whose value is not the one that was wanted.
type difference struct {
	series    string
	want, got float64 // NaN when there is no such series
}

func (d difference) String() string {
	return fmt.Sprintf("%s is %v, want %v", d.series, d.got, d.want)
}

// differences compares values by series.
func differences(want, got map[string]float64) (list []difference) {
	all := maps.Clone(want)
	maps.Copy(all, got)
	of := func(values map[string]float64, series string) float64 {
		if value, found := values[series]; found {
			return value
		}
		return math.NaN()
	}
	for _, series := range slices.Sorted(maps.Keys(all)) {
		d := difference{series, of(want, series), of(got, series)}
		if !(math.Abs(d.want-d.got) <= 1e-9*math.Abs(d.want)) {
			list = append(list, d)
		}
	}
	return list
}
