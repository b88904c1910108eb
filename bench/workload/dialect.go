package workload

// Dialect is a way to write tags.
type Dialect uint8

// The dialects, with how they write a counter that has tags.
const (
	DogStatsD Dialect = iota // a:1|c|#k:v,k2:v2
	Librato                  // a#k=v,k2=v2:1|c
	InfluxDB                 // a,k=v,k2=v2:1|c
	SignalFX                 // a[k=v,k2=v2]:1|c
	Graphite                 // a;k=v;k2=v2:1|c

	NumDialects // how many dialects there are; not a dialect
)

// String returns the dialect as it is called in weir's configuration.
func (d Dialect) String() string {
	switch d {
	case DogStatsD:
		return "dogstatsd"
	case Librato:
		return "librato"
	case InfluxDB:
		return "influxdb"
	case SignalFX:
		return "signalfx"
	case Graphite:
		return "graphite"
	default:
		return "unknown"
	}
}

// marks are what a dialect puts around and between the tags of a line.
type marks struct{ open, between, assign, end string }

func (d Dialect) marks() marks {
	switch d {
	case Librato:
		return marks{"#", ",", "=", ""}
	case InfluxDB:
		return marks{",", ",", "=", ""}
	case SignalFX:
		return marks{"[", ",", "=", "]"}
	case Graphite:
		return marks{";", ";", "=", ""}
	default:
		return marks{"|#", ",", ":", ""}
	}
}

// appendTags appends the tag section with its marks; nothing when there are no tags.
func (d Dialect) appendTags(dst []byte, tags []Label) []byte {
	if len(tags) == 0 {
		return dst
	}
	m := d.marks()
	for i, tag := range tags {
		if i == 0 {
			dst = append(dst, m.open...)
		} else {
			dst = append(dst, m.between...)
		}
		dst = append(append(append(dst, tag.Name...), m.assign...), tag.Value...)
	}
	return append(dst, m.end...)
}
