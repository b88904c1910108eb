// Package page renders expositions and keeps them: the line "page" of weir's straight line.
//
//	snapshot    aggregate.Registry.Snapshot  families in order
//	layout      paginator, grouping          series cut into pages, where they were cut before
//	collection  collector                    the values of each page, read once for all formats
//	page        renderer                     encoded and compressed again only when a value in it changed
//	exposition  rendering, Cache             shared by requests at the same time and within the TTL
//	response    Response                     the chunks as they are ready; one gzip member
//
// It knows nothing of HTTP: package expose answers requests with a [Response], and package format encodes.
//
// # Who may call what
//
// A [Cache] may be used from any goroutine; a Response belongs to one.
//
//	cache := page.New(page.Options{}, page.Source{Registry: registry})
//	response, err := cache.Get(page.Request{}, now, now.Add(timeout))
//	if err != nil {
//		return err
//	}
//	response.Deadline = now.Add(timeout)
//	_, err = response.WriteTo(w)
//
// # Memory model
//
// One goroutine at a time makes a collection: it takes a snapshot of the series, and reads the values of each
// page once, beside the loops that write. The values of a page do not change afterwards; the next collection
// shares them if they are still the same. A format with one escaping, compressed or plain, is a variant. One
// goroutine at a time renders an exposition of a variant: it takes its turn first, and then the youngest
// collection that its requests may have. So collections never queue. A page keeps the bytes of each variant
// as long as its values are the same.
//
// Chunks of an exposition never change once they are published, so any number of responses read them, as
// they come, with a lock held only to look at the list. An exposition that exceeds what may be kept is
// partial: each response renders the rest for itself, page by page, in buffers that are reused. No lock
// except the turn is held while rendering, and none while writing to a socket.
//
// Whether an exposition is compressed is decided from an estimate of its size, before anything is rendered.
// Each page is compressed by itself and ends at a byte, so that old and new ones join to one gzip member; its
// CRC-32 is put together from theirs.
//
// Lock order: variant.turn, variant.mu, exposition.mu, collector.mu.
//
// The most important names: [Cache], [New], [Options], [Source], [Request], [Selection], [Response],
// [ErrLate].
package page
