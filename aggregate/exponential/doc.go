// Package exponential counts observations in buckets whose bounds grow by a constant factor: native
// histograms and the windows of summaries, a part of the line "cell" of weir's straight line.
//
//	cell    Histogram.Observe, Window.Observe  one writer
//	merge   Sum.Add, Sum.AddWindow             the cells of one series, in the coarsest of their schemas
//	values  Sum.Buckets, Sum.Quantile          what a scrape shows
//	wire    Spans, Deltas                      how protocols of Prometheus write buckets
//
// Bucket i of schema s holds the values in (2^((i-1)*2^-s), 2^(i*2^-s)]. Values near zero have a bucket of
// their own, negative ones mirrored buckets. These are the native histograms of Prometheus
// (https://prometheus.io/docs/specs/native_histograms/), and the tests hold them equal to those of its
// client library. The number of buckets is bounded, and with it the memory, however far apart they are:
// when there are too many, the zero bucket is widened; when it may not be wider, each two neighbours become
// one.
//
// # Memory model
//
// A [Histogram] or a [Window] has one writer, and any number of readers beside it. Its buckets are in a
// layout, to which the writer only adds: first the count of a new bucket, then its key, both atomic, in a
// slot that was free. A reader takes the layout once. A writer that needs more room, or wider buckets,
// copies the layout, changes the copy and publishes it. So a reader may see the state of a moment ago, and
// never half of a change. The only thing that readers write is how coarse they have shown a histogram, so
// that none shows it finer later. A [Sum] belongs to one goroutine.
//
// # Who may call what
//
// It is a leaf: it imports only the standard library. The cells of aggregate use it.
package exponential
