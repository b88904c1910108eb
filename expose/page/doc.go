// Package page renders expositions and keeps them: the line "page" of weir's straight line.
//
//	snapshot    aggregate.Registry.Snapshot  families in order; a series is merged when its page is rendered
//	layout      paginator, grouping          series cut into pages, where they were cut before
//	page        renderer                     encoded and compressed again only when a value in it changed
//	exposition  collection, Cache            shared by requests at the same time and within the TTL
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
// One goroutine renders an exposition, a collection: it takes a snapshot of the series, and reads the values
// of each page once, beside the loops that write. A page whose values have not changed keeps its bytes.
// Chunks of an exposition never change once they are published, so any number of responses read them, as
// they come, with a lock held only to look at the list. An exposition that exceeds what may be kept is
// partial: each response renders the rest for itself, page by page, in buffers that are reused. No lock is
// held while rendering, or while writing to a socket.
//
// Whether an exposition is compressed is decided from an estimate of its size, before anything is rendered.
// Each page is compressed by itself and ends at a byte, so that old and new ones join to one gzip member; its
// CRC-32 is put together from theirs.
//
// Lock order: variant.layoutMu, variant.mu, exposition.mu.
//
// The most important names: [Cache], [New], [Options], [Source], [Request], [Selection], [Response],
// [ErrLate].
package page
