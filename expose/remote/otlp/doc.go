// Package otlp encodes requests of OTLP/HTTP for metrics, by protobuf: part of the line "remote" beside
// weir's straight line.
//
//	values   aggregate.Values  what series had when they were read
//	sample   point.Point       when, and which of its values, a series is written
//	request  Encoder           one ExportMetricsServiceRequest
//
// A counter is a monotonic sum, a gauge a gauge, a histogram a histogram with explicit bounds, its native
// buckets an exponential histogram, a summary a summary. Each series makes one data point. Data points of one
// family that are added one after the other share one Metric. All metrics of a request have the same
// resource, made of the external labels: job is service.name and instance is service.instance.id, as
// Prometheus turns them back; the others keep their names.
//
// The messages are those of opentelemetry/proto/metrics/v1/metrics.proto, version 1.11. A request has the
// wire form of its MetricsData. bench/rival holds what is written against the generated code, and against
// the receiver of Prometheus.
//
// # Who may call what
//
// Package remote owns one Encoder for each target. Everything here may be used without it.
//
// # Memory model
//
// An [Encoder] belongs to one goroutine and keeps its memory: it allocates nothing for a series once it has
// made a request of that size.
//
// The most important names: [Encoder], [NewEncoder], [NewDeltaEncoder], [Rejected].
package otlp
