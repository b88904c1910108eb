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
func TestScrapesWithinTTLAreIdentical(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, add := cachedRenderer(time.Second)
		f := func(after time.Duration, same bool, hits, misses uint64) {
			t.Helper()
			before := r.render()
			add()
			time.Sleep(after)
			now := r.render()
			if bytes.Equal(before, now) != same {
				t.Errorf("a scrape %v later is the same: %v, want %v", after, !same, same)
			}
			if s := r.cache.Stats(); s.Hits != hits || s.Misses != misses {
				t.Errorf("%d hits, %d misses, want %d and %d", s.Hits, s.Misses, hits, misses)
			}
		}
		f(0, true, 1, 1)
		f(time.Second-1, true, 3, 1)
		f(1, false, 4, 2) // the TTL passes between the two
		r.Encoding = format.EncodingOpenMetrics
		f(time.Second, false, 4, 4)
		r.AcceptsGzip = true
		f(999*time.Millisecond, true, 5, 5)
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

// A variant that nobody asks for any more is dropped.
func TestIdleVariantsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := cachedRenderer(time.Second)
		const marks = 3000 // a byte for each series
		text := int64(len(r.render())) + marks
		r.AcceptsGzip = true
		packed := r.cache.Stats().Bytes
		if packed != text {
			t.Errorf("%d bytes are kept of %d of text", packed, text)
		}
		time.Sleep(4 * time.Minute)
		packed = int64(len(r.render())) + marks
		if kept := r.cache.Stats().Bytes; kept < text+packed-100 || kept > text+packed {
			t.Errorf("%d bytes are kept, want those of text and gzip, %d", kept, text+packed)
		}
		time.Sleep(4 * time.Minute)
		packed = int64(len(r.render())) + marks
		if kept := r.cache.Stats().Bytes; kept < packed-100 || kept > packed {
			t.Errorf("%d bytes are kept, want those of gzip, %d", kept, packed)
		}
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
