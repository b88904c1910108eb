package main

import (
	"context"
	"slices"
	"time"

	"weir/bench/load/sender"
	"weir/bench/workload"
)

// touchRate is how many lines a second change every series between scrapes.
const touchRate = 100_000

// scrapes are what scrapes of one kind came to.
type scrapes struct {
	series        int
	encoding      string
	median, worst time.Duration // until the client had the whole body
	cpu           time.Duration // of one, on average
	bytes         int           // over the wire, of the last
}

// scraping measures how long scrapes of many counters take, and how large they are.
type scraping struct{ *bench }

func (b scraping) run(ctx context.Context) error {
	for _, series := range b.effort.scrapeSeries {
		spec := workload.Spec{Seed: workSeed, Series: series, Tags: 3, Mix: workload.CountersOnly()}
		l := newLoad(spec, packed)
		for _, t := range b.scraped() {
			b.announce("%s of %d series: %s", nameScrape, series, t.name)
			err := b.attempt(ctx, nameScrape, t, anyCore, func(i *instance) error {
				if err := i.warm(ctx, l); err != nil {
					return err
				}
				for _, encoding := range []string{"identity", "gzip"} {
					s, err := b.often(ctx, i, l, encoding)
					if err != nil {
						return err
					}
					s.series = series
					b.results.addScrapes(t.name, s)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// often scrapes a target again and again, each time after every series has changed.
func (b scraping) often(ctx context.Context, i *instance, l *load, encoding string) (scrapes, error) {
	s := scrapes{encoding: encoding}
	var took []time.Duration
	touch := sender.Options{
		Target: "udp://" + i.UDP, LinesPerSecond: touchRate, Datagrams: uint64(l.warm.Len()),
	}
	for range b.effort.scrapes {
		if _, err := sender.Run(ctx, touch, &l.warm); err != nil {
			return s, err
		}
		before, err := i.settle(ctx)
		if err != nil {
			return s, err
		}
		began := time.Now()
		body, err := i.Get(ctx, "/metrics", encoding)
		if err != nil {
			return s, err
		}
		latency := time.Since(began)
		after, err := i.settle(ctx)
		if err != nil {
			return s, err
		}
		s.bytes = len(body)
		took = append(took, latency)
		cpu := after.cpu - before.cpu
		s.cpu += cpu / time.Duration(b.effort.scrapes)
		b.note("%s target=%s series=%d encoding=%s ms=%.2f cpu_ms=%.2f bytes=%d rss=%d", nameScrape,
			i.target.name, l.warm.Lines(), encoding, milliseconds(latency), milliseconds(cpu), len(body),
			after.resident)
	}
	s.median, s.worst = median(took), slices.Max(took)
	return s, nil
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }
