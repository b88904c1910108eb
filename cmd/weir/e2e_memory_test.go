package main_test

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// memoryLimit is the most memory that weir may have had resident with the default limits, in MiB, whatever is
// sent to one metric.
const memoryLimit = 150

// longName leaves room in a line of 8 KiB for a number, a value and a type.
var longName = strings.Repeat("n", 8<<10-16)

// flood is lines that are made to take memory.
type flood struct {
	name   string
	lines  int // LONG: ten million
	append func(line []byte, i int) []byte
	want   func(n float64) map[string]float64 // what a scrape shows after n lines

	flags []string // of weir
	most  int      // memory, in MiB; 0 is memoryLimit
}

var floods = []flood{
	{
		name: "permuted tags of one series", lines: 1_000_000, append: appendPermuted,
		want: func(n float64) map[string]float64 {
			return map[string]float64{
				`permuted{a="1",b="1",c="1",d="1",e="1",f="1",g="1",h="1",i="1",j="1",k="1"}`: n, "weir_series": 1,
			}
		},
	},
	{
		name: "names of 8 KiB", lines: 100_000,
		append: func(line []byte, i int) []byte {
			return append(strconv.AppendInt(append(line, longName...), int64(i), 10), ":1|c"...)
		},
		want: func(n float64) map[string]float64 {
			return map[string]float64{
				`weir_samples_rejected_total{reason="name_too_long"}`: n, "weir_series": 0,
			}
		},
	},
	{
		name: "values of one label", lines: 1_000_000,
		append: func(line []byte, i int) []byte {
			return strconv.AppendInt(append(line, "exploding:1|c|#env:prod,user:"...), int64(i), 10)
		},
		want: func(n float64) map[string]float64 {
			return map[string]float64{
				`weir_samples_refused_total{limit="max_series_per_metric"}`: n - 10_000, "weir_series": 10_000,
			}
		},
	},
}

// fullFloods are more series than the default of cardinality.max_total_series allows: weir is as large as it can be
// with such series. They run only with LONG.
var fullFloods = []flood{
	{
		name: "a million series of one metric", most: 700, want: wantFull,
		flags: []string{"--cardinality.max_series_per_metric=2000000"},
		append: func(line []byte, i int) []byte {
			return strconv.AppendInt(append(line, "requests:1|c|#zone:eu-west-1,status:200,route:/api/v1/"...), int64(i), 10)
		},
	},
	{
		name: "a million metrics", most: 2000, want: wantFull,
		append: func(line []byte, i int) []byte {
			return append(strconv.AppendInt(append(line, "service.module.operation"...), int64(i), 10), ":1|c"...)
		},
	},
	{
		name: "a million metrics with names of 240 bytes", most: 3000, want: wantFull,
		append: func(line []byte, i int) []byte {
			return append(strconv.AppendInt(append(line, longName[:234]...), int64(i), 10), ":1|c"...)
		},
	},
}

func wantFull(n float64) map[string]float64 {
	return map[string]float64{
		`weir_samples_refused_total{limit="max_total_series"}`: n - 1_000_000, "weir_series": 1_000_000,
	}
}

// appendPermuted adds a line of one series, with its eleven tags in the i-th order.
func appendPermuted(line []byte, i int) []byte {
	line = append(line, "permuted:1|c|#"...)
	left := [...]byte{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'}
	for n := len(left); n > 0; n-- {
		at := i % n
		i /= n
		line = append(line, left[at], ':', '1', ',')
		copy(left[at:], left[at+1:n])
	}
	return line[:len(line)-1]
}

// Floods of one metric leave weir's memory small with the default limits, and every line is counted. With LONG each
// flood has ten million lines.
func (e e2e) testMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector takes memory of its own")
	}
	for _, f := range floods {
		if os.Getenv("LONG") != "" {
			f.lines = 10_000_000
		}
		t.Run(f.name, func(t *testing.T) { e.startWeir(t, f.flags...).withstand(t, &f) })
	}
	for _, f := range fullFloods {
		f.lines = 1_100_000
		t.Run(f.name, func(t *testing.T) {
			if os.Getenv("LONG") == "" {
				t.Skip("LONG is not set")
			}
			const patient = "--timeouts.collection_timeout=1m" // such a scrape may take seconds
			e.startWeir(t, append(f.flags, patient, "--timeouts.scrape_timeout=1m")...).withstand(t, &f)
		})
	}
}

// withstand sends a flood over two connections, and looks at the ledger and the memory.
func (w *weir) withstand(t *testing.T, f *flood) {
	t.Helper()
	n, most := f.lines, cmp.Or(f.most, memoryLimit)
	const connections = 2
	var sending sync.WaitGroup
	for first := range connections {
		c := bufio.NewWriterSize(w.dial(t, "tcp"), 64<<10)
		sending.Go(func() {
			var line []byte
			for i := first; i < n; i += connections {
				line = append(f.append(line[:0], i), '\n')
				if _, err := c.Write(line); err != nil {
					t.Error(err)
					return
				}
			}
			if err := c.Flush(); err != nil {
				t.Error(err)
			}
		})
	}
	sending.Wait()
	var p *page
	eventually(t, func() error {
		p = w.scrape(t)
		return p.compare(map[string]float64{`weir_lines_received_total{transport="tcp"}`: float64(n)})
	})
	if err := p.balance(); err != nil {
		t.Error(err)
	}
	if err := p.compare(f.want(float64(n))); err != nil {
		t.Error(err)
	}
	peak := w.peakMemory(t)
	t.Logf("%d lines: at most %d MiB resident", n, peak)
	if peak > most {
		t.Errorf("at most %d MiB were resident, want at most %d", peak, most)
	}
}

// peakMemory returns the most memory that weir has had resident, in MiB.
func (w *weir) peakMemory(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.PID()))
	if err != nil {
		t.Skip("needs /proc: ", err)
	}
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, err := strconv.Atoi(strings.Fields(peak)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes >> 10
}
