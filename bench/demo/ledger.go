package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"weir/bench/process"
)

// row is a line of the ledger: what was sent, and what weir reports.
type row struct {
	name       string
	sent, weir float64
}

// The rows that the verdict looks for.
const (
	rowDatagrams   = "datagrams"
	rowKernelDrops = "datagrams dropped by the kernel"
	rowLines       = "lines"
	rowSamples     = "samples"
	rowRefused     = "samples refused by limits"
	rowRecorded    = "samples recorded"

	rejectedPrefix = "samples rejected: " // and the reason
)

// ledger compares the self-metrics of a scrape with what was sent. A self-metric that is missing is an error.
func ledger(s *stream, scraped process.Families) ([]row, error) {
	var errs []error
	sum := func(name string) float64 {
		if scraped[name] == nil {
			errs = append(errs, fmt.Errorf("the exposition has no %s", name))
		}
		return scraped.Sum(name)
	}
	rows := []row{
		{rowDatagrams, float64(s.ring.Len()), sum("weir_datagrams_received_total")},
		{rowKernelDrops, 0, sum("weir_kernel_drops_total")},
		{"datagrams truncated", 0, sum("weir_datagrams_truncated_total")},
		{rowLines, float64(s.ring.Lines()), sum("weir_lines_received_total")},
		{rowSamples, float64(s.samples), sum("weir_samples_received_total")},
	}
	sum("weir_samples_rejected_total") // it must be there
	rejected := scraped.ByLabel("weir_samples_rejected_total", "reason")
	for reason := range s.rejected {
		rejected[reason] += 0 // a row for it, also when weir does not know it
	}
	for _, reason := range slices.Sorted(maps.Keys(rejected)) {
		if sent := float64(s.rejected[reason]); sent > 0 || rejected[reason] > 0 {
			rows = append(rows, row{rejectedPrefix + reason, sent, rejected[reason]})
		}
	}
	rows = append(rows,
		row{rowRefused, 0, sum("weir_samples_refused_total")},
		row{rowRecorded, float64(s.recorded), sum("weir_samples_recorded_total")},
		row{"series", float64(s.series), sum("weir_series")},
	)
	return rows, errors.Join(errs...)
}

// judge returns the problems: those of the ledger, and then those of the families. Datagrams that the kernel
// dropped are in neither. After drops it returns only that, and whether they account for everything missing.
func judge(rows []row, differences []string) []string {
	if find(rows, rowKernelDrops).weir > 0 {
		return judgeDrops(rows, len(differences))
	}
	var problems []string
	for _, r := range rows {
		if r.sent != r.weir {
			problem := fmt.Sprintf("%s: weir says %s, want %s", r.name, number(r.weir), number(r.sent))
			problems = append(problems, problem)
		}
	}
	return append(problems, differences...)
}

// judgeDrops returns the problems after the kernel dropped datagrams: the drops themselves, and every
// datagram or sample that they do not account for. Which numbers the drops changed does not matter.
func judgeDrops(rows []row, differences int) []string {
	weir := func(name string) float64 { return find(rows, name).weir }
	sent, drops := find(rows, rowDatagrams).sent, weir(rowKernelDrops)
	problems := []string{
		"the kernel dropped " + number(drops) + " of " + number(sent) + " datagrams: weir's buffer was full",
		"allow weir a larger one (sudo sysctl -w net.core.rmem_max=4194304) or send slower (--rate)",
	}
	verb := "balances"
	if sent != weir(rowDatagrams)+drops {
		verb = "does NOT balance"
	}
	problems = append(problems, fmt.Sprintf("the ledger of datagrams %s: %s sent, %s received + %s dropped",
		verb, number(sent), number(weir(rowDatagrams)), number(drops)))
	accounted := weir(rowRecorded) + weir(rowRefused)
	for _, r := range rows {
		if strings.HasPrefix(r.name, rejectedPrefix) {
			accounted += r.weir
		}
	}
	if received := weir(rowSamples); received != accounted {
		problems = append(problems, "of "+number(received)+" samples received "+number(accounted)+
			" were recorded, rejected or refused")
	}
	lines := find(rows, rowLines)
	return append(problems, fmt.Sprintf("%s lines are missing, so %s numbers of the families differ",
		number(lines.sent-lines.weir), number(float64(differences))))
}

func find(rows []row, name string) row {
	return rows[slices.IndexFunc(rows, func(r row) bool { return r.name == name })]
}
