package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"weir/aggregate/label"
	"weir/bench/command"
	"weir/ingest/relay"
)

func main() { command.Main(run) }

func run(_ context.Context, args []string, stdout, stderr io.Writer) int {
	return command.Code("spread", stderr, func() error {
		flags := command.Flags("spread", stderr)
		series := flags.Int("series", 1_000_000, "how many series")
		nodes := flags.IntSlice("nodes", []int{3, 5, 10, 30, 100, 300, 1000}, "numbers of nodes")
		if err := command.Parse(flags, args); err != nil {
			return err
		}
		return simulate(stdout, ids(*series), *nodes)
	})
}

// ids returns the IDs of so many series: 1,000 metrics of as many hosts.
func ids(n int) []label.ID {
	list := make([]label.ID, n)
	for i := range list {
		list[i] = label.IDOf("metric_"+strconv.Itoa(i%1000), `host="web-`+strconv.Itoa(i/1000)+`"`)
	}
	return list
}

// simulate prints a row for each number of nodes.
func simulate(to io.Writer, ids []label.ID, counts []int) error {
	_, err := fmt.Fprintf(to, "%d series; of a node: series and samples as a part of the mean;\n"+
		"when a node joins or leaves: the part of all series that moves, and series between others\n"+
		"%6s | %10s %10s %8s | %10s | %8s %8s %6s | %8s %8s %6s\n", len(ids), "nodes",
		"min series", "max series", "std dev", "max Zipf",
		"joins", "ideal", "others", "leaves", "ideal", "others")
	for _, n := range counts {
		if err != nil {
			return err
		}
		r := of(ids, n)
		_, err = fmt.Fprintf(to,
			"%6d | %10.3f %10.3f %8.4f | %10.3f | %7.3f%% %7.3f%% %6d | %7.3f%% %7.3f%% %6d\n",
			n, r.least, r.most, r.deviation, r.mostZipf,
			100*r.joined, 100/float64(n+1), r.joinedOthers, 100*r.left, 100/float64(n), r.leftOthers)
	}
	return err
}

// row is the result for one number of nodes.
type row struct {
	least, most, deviation   float64 // series of a node, as a part of the mean
	mostZipf                 float64 // samples of the busiest node, as a part of the mean
	joined, left             float64 // which part of all series moved
	joinedOthers, leftOthers int     // series that moved between nodes that neither joined nor left
}

func of(ids []label.ID, count int) (r row) {
	names := make([]string, count+1)
	for i := range names {
		names[i] = fmt.Sprintf("weir-%d.weir:9125", i)
	}
	joining, leaving := names[count], names[count/2]
	nodes, more := relay.NewNodes(names[:count]...), relay.NewNodes(names...)
	less := relay.NewNodes(slices.Delete(slices.Clone(names[:count]), count/2, count/2+1)...)
	series, samples := make([]float64, count), make([]float64, count)
	for i, id := range ids {
		at := nodes.Of(id)
		series[at]++
		samples[at] += 1 / float64(i+1)
		name := nodes.Names()[at]
		if to := more.Names()[more.Of(id)]; to != name {
			r.joined++
			if to != joining {
				r.joinedOthers++
			}
		}
		if to := less.Names()[less.Of(id)]; to != name {
			r.left++
			if name != leaving {
				r.leftOthers++
			}
		}
	}
	total := float64(len(ids))
	r.joined, r.left = r.joined/total, r.left/total
	r.least, r.most, r.deviation = spread(series)
	_, r.mostZipf, _ = spread(samples)
	return r
}

// spread returns the least and the most of the loads of nodes, and their standard deviation, as parts of the
// mean.
func spread(loads []float64) (least, most, deviation float64) {
	mean := 0.0
	for _, load := range loads {
		mean += load / float64(len(loads))
	}
	for _, load := range loads {
		deviation += (load - mean) * (load - mean) / float64(len(loads))
	}
	return slices.Min(loads) / mean, slices.Max(loads) / mean, math.Sqrt(deviation) / mean
}
