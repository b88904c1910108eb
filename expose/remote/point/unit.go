package point

import "strings"

// UnitOf returns the unit of a family by its name, as OpenMetrics has it: the name of a family with a unit
// ends with it, before the "_total" of a counter. It is "" unless that is a base unit of Prometheus
// (https://prometheus.io/docs/practices/naming/#base-units).
func UnitOf(name string) string {
	name = strings.TrimSuffix(name, "_total")
	last := name[strings.LastIndexByte(name, '_')+1:]
	switch last {
	case "seconds", "bytes", "ratio", "celsius", "meters", "joules", "volts", "amperes", "grams":
		if last != name {
			return last
		}
	}
	return ""
}
