package ingest

import (
	"slices"
	"strings"

	"weir/aggregate"
	"weir/internal/mistake"
	"weir/protocol"
)

// What Options.GaugeSign and Options.OriginLabels may be.
const (
	GaugeSignRelative = "relative" // +n and -n move a gauge, as in StatsD
	GaugeSignAbsolute = "absolute" // they set it, as in DogStatsD

	originContainerID   = "container_id"
	originPodUID        = "pod_uid"
	originContainerName = "container_name"
)

var originLabels = []string{originContainerID, originPodUID, originContainerName}

// Tagging returns how tags and origins are read.
func (o *Options) Tagging() aggregate.Tagging {
	t := aggregate.Tagging{
		ContainerID:   slices.Contains(o.OriginLabels, originContainerID),
		PodUID:        slices.Contains(o.OriginLabels, originPodUID),
		ContainerName: slices.Contains(o.OriginLabels, originContainerName),
	}
	for _, name := range o.Dialects {
		t.Dialects |= protocol.ParseDialect(name)
	}
	return t
}

// Decoder returns a decoder of lines.
func (o *Options) Decoder() protocol.Decoder {
	return protocol.Decoder{MaxLine: int(o.MaxLine), AbsoluteGauges: o.GaugeSign == GaugeSignAbsolute}
}

// checkTagging checks the options that say how lines are read.
func (o *Options) checkTagging(m *mistake.List) {
	for _, name := range o.Dialects {
		m.Check(protocol.ParseDialect(name) != 0, "dialects", name,
			"want some of "+strings.Join(protocol.AllDialects.Names(), ", "))
	}
	for _, name := range o.OriginLabels {
		m.Check(slices.Contains(originLabels, name), "origin_labels", name,
			"want some of "+strings.Join(originLabels, ", "))
	}
	m.Check(o.GaugeSign == GaugeSignRelative || o.GaugeSign == GaugeSignAbsolute, "gauge_sign",
		o.GaugeSign, "want relative (as in StatsD) or absolute (as in DogStatsD)")
}
