package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"weir/bench/workload"
)

const (
	probeEvery    = 2 * time.Millisecond
	probeName     = "bench.probe"
	duringScrapes = "scrapes, one after the other"
	graceTime     = 200 * time.Millisecond // in which the last probe comes back
)

// delays is how long lines took until they were recorded.
type delays struct {
	series       int
	during       string // what went on meanwhile
	scrapes      int
	median, late time.Duration // late: that of the 99th percentile
	worst        time.Duration
	sent, lost   int
}

// delaying measures how long lines wait in weir before they are recorded, while nobody scrapes many series
// while one client always does, and while a page is open. A line counts as recorded when weir has copied it
// to a socket of the bench (ingest.relay), which weir does at the end of the batch with the line. So the
// figures include the time to wake the bench up.
type delaying struct{ *bench }

func (b delaying) run(ctx context.Context) error {
	for _, t := range b.targets {
		if t.name != nameWeir {
			continue
		}
		b.announce("%s of %d series: %s", nameDelay, b.effort.delaySeries, t.name)
		back, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return err
		}
		err = b.attempt(ctx, nameDelay, relaying(t, back.LocalAddr().String()), anyCore,
			func(i *instance) error { return b.of(ctx, i, back) })
		_ = back.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// relaying returns weir with a copy of every line sent to an address, with room for a million series, and
// with every scrape of them rendered from the first to the last.
func relaying(t *target, address string) *target {
	return t.with(append(roomy(), "--ingest.relay=udp://"+address, "--cache.enabled=false")...)
}

// roomy returns the flags of weir for a million series.
func roomy() []string {
	return []string{"--cardinality.max_series_per_metric=1000000", "--cardinality.max_total_series=1001000"}
}

func (b delaying) of(ctx context.Context, i *instance, back *net.UDPConn) error {
	l := newLoad(workload.Spec{
		Seed: workSeed, Series: b.effort.delaySeries, Tags: 3, Mix: workload.CountersOnly(),
	}, packed)
	if err := i.warm(ctx, l); err != nil {
		return err
	}
	if _, err := i.Get(ctx, "/metrics", "gzip"); err != nil { // the first one sorts
		return err
	}
	for _, during := range []string{"no scrape", duringScrapes, lookingAtPage} {
		scraping, stop := context.WithCancel(ctx)
		scrapes := 0
		var scraper sync.WaitGroup
		v := viewer{instance: i, state: lookingAway}
		if during == lookingAtPage {
			v.state = lookingAtPage
		}
		if err := v.open(ctx); err != nil {
			stop()
			return err
		}
		if during == duringScrapes {
			scraper.Go(func() {
				for scraping.Err() == nil {
					if _, err := i.Get(scraping, "/metrics", "gzip"); err == nil {
						scrapes++
					}
				}
			})
		}
		d, err := probe(ctx, i.UDP, back, b.effort.idle)
		stop()
		scraper.Wait()
		if err := errors.Join(err, v.close()); err != nil {
			return err
		}
		d.series, d.during, d.scrapes = b.effort.delaySeries, during, scrapes
		b.note("%s target=%s series=%d during=%q scrapes=%d sent=%d lost=%d "+
			"ms_p50=%.2f ms_p99=%.2f ms_worst=%.2f", nameDelay, i.target.name,
			d.series, during, scrapes, d.sent, d.lost, milliseconds(d.median),
			milliseconds(d.late), milliseconds(d.worst))
		b.results.delays = append(b.results.delays, d)
	}
	return nil
}

// probe sends a line every probeEvery for some time, and waits for each to come back.
func probe(ctx context.Context, to string, back *net.UDPConn, lasts time.Duration) (delays, error) {
	out, err := net.Dial("udp", to)
	if err != nil {
		return delays{}, err
	}
	defer out.Close()
	began := time.Now()
	sent := make([]time.Duration, 0, lasts/probeEvery) // since began, by number
	var mu sync.Mutex                                  // guards sent
	var took []time.Duration
	var reader sync.WaitGroup
	if err := back.SetReadDeadline(began.Add(lasts + graceTime)); err != nil {
		return delays{}, err
	}
	reader.Go(func() { // ends at the deadline
		buffer := make([]byte, 64<<10)
		for {
			n, err := back.Read(buffer)
			if err != nil {
				return
			}
			now := time.Since(began)
			mu.Lock()
			for line := range bytes.SplitSeq(buffer[:n], []byte("\n")) {
				if i, ok := probeNumber(line); ok && i < len(sent) {
					took = append(took, now-sent[i])
				}
			}
			mu.Unlock()
		}
	})
	ticker := time.NewTicker(probeEvery)
	defer ticker.Stop()
	for i := 0; time.Since(began) < lasts && ctx.Err() == nil; i++ {
		<-ticker.C
		line := fmt.Appendf(nil, "%s:%d|g", probeName, i)
		mu.Lock()
		sent = append(sent, time.Since(began))
		mu.Unlock()
		if _, err := out.Write(line); err != nil {
			return delays{}, err
		}
	}
	reader.Wait()
	if len(took) == 0 {
		return delays{}, fmt.Errorf("none of %d lines came back", len(sent))
	}
	slices.Sort(took)
	return delays{
		median: took[len(took)/2], late: took[len(took)*99/100], worst: took[len(took)-1],
		sent: len(sent), lost: len(sent) - len(took),
	}, ctx.Err()
}

// probeNumber returns the number of a line that probe has sent.
func probeNumber(line []byte) (i int, ok bool) {
	rest, found := bytes.CutPrefix(line, []byte(probeName+":"))
	if !found {
		return 0, false
	}
	value, _, _ := bytes.Cut(rest, []byte("|"))
	i, err := strconv.Atoi(string(value))
	return i, err == nil
}
