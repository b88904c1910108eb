package page

import (
	"io"
	"time"
)

// JoinCRC is joinCRC.
var JoinCRC = joinCRC

// Kept returns what is kept of each page of a variant.
func (c *Cache) Kept(r Request) (pages []any) {
	v := c.variantOf(r)
	for _, p := range v.pages {
		pages = append(pages, p.kept[v.number])
	}
	return pages
}

// Layout returns a value that differs between layouts of a variant's pages.
func (c *Cache) Layout(r Request) any { return c.variantOf(r).pages[0] }

// CollectAtAnyTime has fresh requests not wait for the next collection.
func (c *Cache) CollectAtAnyTime() { c.collector.interval = 0 }

// Unfinished writes an exposition to w that has so many chunks, goes on when more is closed, and is whole
// when end is closed. Until limit has passed, the response waits for it.
func Unfinished(w io.Writer, chunks []string, more, end <-chan struct{}, limit time.Duration) error {
	e := newExposition(time.Now())
	go func() { // ends with end
		e.publish([]chunk{{bytes: []byte(chunks[0])}}, growing, 0)
		<-more
		for _, c := range chunks[1:] {
			e.publish([]chunk{{bytes: []byte(c)}}, growing, 0)
		}
		<-end
		e.publish(nil, whole, 1)
	}()
	r := &Response{variant: &variant{cache: &Cache{}}, exposition: e, Deadline: time.Now().Add(limit)}
	_, err := r.WriteTo(w)
	return err
}
