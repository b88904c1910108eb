package page_test

import (
	"bytes"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weir/aggregate"
	"weir/expose/format"
	"weir/expose/page"
	"weir/protocol"
)

// cachedRenderer renders a registry of some counters, with a cache.
func cachedRenderer(ttl time.Duration) (r *renderer, add func()) {
	r = newSharing(aggregate.New(aggregate.DefaultOptions()))
	r.TTL, r.MaxSizeBytes = ttl, 1<<20
	shard := fillRegistry(r.registry, 3000)
	return r, func() {
		shard.Record(&protocol.Sample{Name: []byte("requests"), Value: 1, Rate: 1})
	}
}

// Scrapes of one format within the TTL get the same bytes; the one after it gets the values of its own time.
// Those of other formats within the TTL share the values, and are rendered from them.
func TestScrapesWithinTTLAreIdentical(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, add := cachedRenderer(time.Second)
		f := func(after time.Duration, same bool, want page.Stats) {
			t.Helper()
			before := r.render()
			add()
			time.Sleep(after)
			now := r.render()
			if bytes.Equal(before, now) != same {
				t.Errorf("a scrape %v later is the same: %v, want %v", after, !same, same)
			}
			got := r.cache.Stats()
			if got.Bytes = 0; got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
		f(0, true, page.Stats{Hits: 1, Misses: 1, Collections: 1})
		f(time.Second-1, true, page.Stats{Hits: 3, Misses: 1, Collections: 1})
		f(1, false, page.Stats{Hits: 4, Misses: 2, Collections: 2}) // the TTL passes between the two
		r.Encoding = format.EncodingOpenMetrics
		f(time.Second-1, true, page.Stats{Hits: 5, Misses: 3, Collections: 2})
		r.AcceptsGzip = true
		f(999*time.Millisecond, false, page.Stats{Hits: 5, Misses: 5, Collections: 3})
	})
}

// Scrapes at the same time share one collection, whatever the TTL is.
func TestScrapesShareACollection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := cachedRenderer(0)
		collections, release := 0, make(chan struct{})
		r.gathering = func() {
			collections++
			<-release
		}
		bodies := make([][]byte, 8)
		var scrapes sync.WaitGroup
		go r.render() // is the first; it ends with the others
		synctest.Wait()
		for i := range bodies {
			scrapes.Go(func() { bodies[i] = r.render() })
		}
		synctest.Wait()
		close(release)
		scrapes.Wait()
		for _, body := range bodies {
			if !bytes.Equal(body, bodies[0]) || len(body) == 0 {
				t.Error("scrapes at the same time differ")
			}
		}
		if s := r.cache.Stats(); collections != 1 || s.Hits != 8 || s.Misses != 1 {
			t.Errorf("%d collections, %d hits, %d misses; want 1, 8, 1", collections, s.Hits, s.Misses)
		}
	})
}

// A variant that nobody asks for any more is dropped. The values that all variants share stay.
func TestIdleVariantsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := cachedRenderer(time.Second)
		text := int64(len(r.render()))
		values := r.cache.Stats().Bytes - text
		if least := int64(3000 * 8); values < least || values > least+6000 {
			t.Errorf("%d bytes are kept beside the text, want the values of 3000 series", values)
		}
		kept := func(what string, most int64) {
			t.Helper()
			if got := r.cache.Stats().Bytes; got < most-100 || got > most {
				t.Errorf("%d bytes are kept, want those of %s, %d", got, what, most)
			}
		}
		r.AcceptsGzip = true
		time.Sleep(4 * time.Minute)
		packed := int64(len(r.render()))
		kept("values, text and gzip", values+text+packed)
		time.Sleep(4 * time.Minute)
		packed = int64(len(r.render()))
		kept("values and gzip", values+packed)
	})
}

// pipe is a writer that hands over each write.
type pipe chan string

// Write implements io.Writer.
func (p pipe) Write(b []byte) (int, error) {
	p <- string(b)
	return len(b), nil
}

// The beginning leaves before the end is rendered.
func TestFirstByteLeavesEarly(t *testing.T) {
	more, end, out, done := make(chan struct{}), make(chan struct{}), make(pipe), make(chan error, 1)
	go func() { // ends with end
		done <- page.Unfinished(out, []string{"first", "second", "third"}, more, end, time.Minute)
	}()
	if got := <-out; got != "first" {
		t.Errorf("%q leaves first", got)
	}
	close(more)
	for got := ""; got != "secondthird"; got += <-out {
	}
	close(end)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A response does not wait for the rest of its exposition beyond its deadline.
func TestExpositionThatHangsCutsTheResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		more, end := make(chan struct{}), make(chan struct{})
		began := time.Now()
		err := page.Unfinished(io.Discard, []string{"first"}, more, end, 3*time.Second)
		if passed := time.Since(began); err == nil || passed != 3*time.Second {
			t.Errorf("after %v: %v", passed, err)
		}
		close(more)
		close(end)
	})
}
