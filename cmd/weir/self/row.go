package self

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// row is one family of self-metrics. A new self-metric is a new row, and nothing else.
type row struct {
	typ        prometheus.ValueType
	name, help string
	labels     []string             // nil for a family of one series
	values     func(*reading, emit) // emits every series; may emit none
}

// emit takes one value of a row, with the values of the row's labels in their order.
type emit func(value float64, labels ...string)

const (
	counter = prometheus.CounterValue
	gauge   = prometheus.GaugeValue
)

// rows is the one table of self-metrics, in the order of the data: what comes in, the series, what goes
// out, the program. Only scrapeHistograms and the process_* and go_* families are not in it. The documented
// table is made from it (TestDocsTables).
var rows = slices.Concat(ingestRows, registryRows, exposeRows, programRows)

// single is for rows of one value without labels.
func single[N int | int64 | uint64](value func(*reading) N) func(*reading, emit) {
	return func(r *reading, e emit) { e(float64(value(r))) }
}

// Family describes a family of self-metrics, for the documentation.
type Family struct {
	Name, Help string
	Type       string // "counter", "gauge" or "histogram"
	Labels     []string
}

// Families describes weir's own families except those of the collectors, in the order of the data.
func Families() []Family {
	list := described(rows)
	for _, h := range scrapeHistograms {
		list = append(list, Family{Name: h.Name, Help: h.Help, Type: "histogram"})
	}
	return list
}

// CompatFamilies describes the families that are added when a flag of statsd_exporter is given.
func CompatFamilies() []Family { return described(compatRows) }

func described(table []row) (list []Family) {
	for _, r := range table {
		typ := "gauge"
		if r.typ == counter {
			typ = "counter"
		}
		list = append(list, Family{Name: r.name, Help: r.help, Type: typ, Labels: r.labels})
	}
	return list
}
