package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	dto "github.com/prometheus/client_model/go"

	"weir/bench/process"
	"weir/bench/workload/verdict"
	"weir/internal/digits"
)

// maxProblems is how many problems are printed.
const maxProblems = 20

// printFamilies prints a table of the families, except weir's self-metrics, with the value of their first
// series.
func printFamilies(w io.Writer, scraped process.Families) {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "FAMILY\tTYPE\tSERIES\tONE OF THEM")
	for _, name := range slices.Sorted(maps.Keys(scraped)) {
		f := scraped[name]
		if verdict.IsOwn(name) || len(f.GetMetric()) == 0 {
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\n",
			name, strings.ToLower(f.GetType().String()), len(f.GetMetric()), describe(f.GetMetric()[0]))
	}
	_ = table.Flush() // of stdout; an error has nowhere to go
	fmt.Fprintln(w)
}

func describe(m *dto.Metric) string {
	if h := m.GetHistogram(); h != nil {
		return fmt.Sprintf("%d observations, sum %.6g", h.GetSampleCount(), h.GetSampleSum())
	}
	return strconv.FormatFloat(process.Value(m), 'f', -1, 64)
}

func printLedger(w io.Writer, rows []row) {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "LEDGER\tSENT\tWEIR\t")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\t\n", r.name, number(r.sent), number(r.weir))
	}
	_ = table.Flush() // of stdout; an error has nowhere to go
	fmt.Fprintln(w)
}

func printProblems(w io.Writer, problems []string) {
	fmt.Fprintln(w, "FAILED: sent and recorded differ")
	for _, problem := range problems[:min(len(problems), maxProblems)] {
		fmt.Fprintln(w, " ", problem)
	}
	if more := len(problems) - maxProblems; more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
}

// number returns a count as people write it: 150,007.
func number(n float64) string {
	if n < 0 || n != float64(uint64(n)) {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return digits.Grouped(uint64(n))
}
