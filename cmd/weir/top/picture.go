package top

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"weir/cmd/weir/explain"
	"weir/expose/status/wire"
	"weir/internal/digits"
)

// picture is the state of the screen. Only the goroutine of Run touches it.
type picture struct {
	options  Options
	answers  *answers // nil before the first
	trouble  string   // why the last questions had no answer; empty when they had
	isTyping bool     // a filter
	typing   string
}

// The control sequences of a picture. All other characters of it can be printed.
const (
	home       = "\x1b[H"
	clearLine  = "\x1b[K"
	clearBelow = "\x1b[J"
)

// draw writes the picture over the one before.
func (p *picture) draw(t *Terminal) error {
	columns, rows := t.Size()
	var b strings.Builder
	b.WriteString(home)
	for i, line := range p.lines(columns, rows) {
		if i > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString(line + clearLine)
	}
	b.WriteString(clearBelow)
	_, err := io.WriteString(t.Out, b.String())
	return err
}

// lines returns the lines of the picture, cut to a number of columns and of rows; 0 cuts nothing.
func (p *picture) lines(columns, rows int) []string {
	a := p.answers
	if a == nil {
		return []string{cut("asking weir · q quits", columns)}
	}
	lines := header(&a.status)
	for _, path := range slices.Sorted(maps.Keys(a.missing)) {
		lines = append(lines, fmt.Sprintf("! no answer about %s: %v", path, a.missing[path]))
	}
	if p.trouble != "" {
		lines = append(lines, "NO ANSWER, trying again: "+p.trouble)
	}
	below := append(rejects(&a.rejects), senders(&a.senders)...)
	if rows > 0 {
		below = append(below, "", p.footer())
	}
	if a.missing["families"] == nil {
		room := len(a.families.Families)
		if rows > 0 {
			room = min(room, max(1, rows-len(lines)-len(below)-2))
		}
		lines = append(lines, metrics(&a.families, room, &a.options)...)
	}
	lines = append(lines, below...)
	if rows > 0 && len(lines) > rows {
		lines = append(lines[:rows-1], p.footer())
	}
	for i, line := range lines {
		lines[i] = cut(explain.Printable(line), columns)
	}
	return lines
}

// header says how weir is.
func header(s *wire.Status) []string {
	r := &s.Rates
	lines := []string{
		fmt.Sprintf("weir %s  %s  up %s", s.Version, s.Instance, duration(s.UptimeSeconds)),
		s.Health.Text,
		fmt.Sprintf("a second  lines %s  recorded %s  refused %s  rejected %s  dropped %s  by the kernel %s",
			rate(r.Lines), rate(r.Recorded), rate(r.Refused), rate(r.Rejected), rate(r.Dropped),
			rate(r.KernelDrops)),
		fmt.Sprintf("series %s of %s  metrics %s  CPU %.1f %%  memory %d MiB%s",
			digits.Grouped(uint64(s.Series.Now)),
			digits.Grouped(uint64(s.Series.Limit)), digits.Grouped(uint64(s.Series.Families)), 100*s.Cost.CPU,
			s.Cost.RSSBytes>>20, lastScrape(s)),
	}
	for _, n := range s.Health.Notes {
		lines = append(lines, "! "+n.Title+": "+n.Text)
	}
	return append(lines, "")
}

func lastScrape(s *wire.Status) string {
	if s.LastScrape == nil {
		return "  not scraped yet"
	}
	return fmt.Sprintf("  scraped %s ago by %s", duration(s.Now-s.LastScrape.At), s.LastScrape.Peer)
}

// metrics is the table of metrics, with at most so many rows.
func metrics(f *wire.Families, room int, o *Options) []string {
	title := fmt.Sprintf("%-40s %-10s %10s %9s %8s %9s  %s",
		"METRIC", "TYPE", "SAMPLES/S", "SERIES", "NEW/MIN", "BYTES", "FROM")
	lines := []string{title}
	for i := range f.Families[:min(room, len(f.Families))] {
		x := &f.Families[i]
		lines = append(lines, fmt.Sprintf("%-40s %-10s %10s %9s %8d %9s  %s",
			cut(explain.Printable(x.Name), 40), x.Kind, known(x.SamplesPerSecond),
			digits.Grouped(uint64(x.Series)), x.NewPerMinute, size(x.ExposedBytes), from(x)))
	}
	note := ""
	if hidden := f.Total - (len(lines) - 1); hidden > 0 {
		note = fmt.Sprintf("and %s more", digits.Grouped(uint64(hidden)))
	}
	if o.Match != "" {
		note += "  matching " + o.Match
	}
	if len(f.Families) == 0 {
		note = "no metric" + note
	}
	return append(lines, strings.TrimSpace(note))
}

func from(f *wire.Family) string {
	var names []string
	for _, s := range f.Senders {
		names = append(names, s.Name)
	}
	text := strings.Join(names, " ")
	if f.SendersMore > 0 {
		text += fmt.Sprintf(" and %d more", f.SendersMore)
	}
	return text
}

// rejects lists the reasons of the last ten minutes.
func rejects(r *wire.Rejects) (lines []string) {
	for i := range r.Reasons {
		x := &r.Reasons[i]
		if x.TenMinutes == 0 {
			continue
		}
		line := fmt.Sprintf("%-24s %9s in 10 min %8s/s",
			x.Reason, digits.Grouped(x.TenMinutes), rate(x.PerSecond))
		if x.Newest != nil {
			line += "  " + cut(explain.Printable(x.Newest.Line), 60) + "  from " + x.Newest.Sender
		}
		lines = append(lines, line)
	}
	if len(lines) > 0 {
		lines = append([]string{"NOT RECORDED"}, lines...)
	}
	return lines
}

func senders(s *wire.Senders) (lines []string) {
	for i := range s.Senders {
		x := &s.Senders[i]
		lines = append(lines, fmt.Sprintf("%-40s %-9s %8s lines/s  %s rejected  %s series created",
			strings.TrimSpace(x.Sender+" "+x.Program), x.Transport, known(x.LinesPerSecond),
			digits.Grouped(x.Rejected), digits.Grouped(x.SeriesCreated)))
	}
	if len(lines) > 0 {
		lines = append([]string{"SENDERS"}, lines...)
	}
	return lines
}

// footer lists the keys, or shows the filter while it is typed.
func (p *picture) footer() string {
	if p.isTyping {
		return "find (Enter shows, Esc leaves it): " + p.typing + "_"
	}
	return "sorted by " + p.answers.options.Sort +
		" · sort by r rate, s series, b bytes, w new, n name · / find · q quit"
}

// cut returns the first columns characters of a text, all for 0.
func cut(text string, columns int) string {
	if columns <= 0 || utf8.RuneCountInString(text) <= columns {
		return text
	}
	runes := []rune(text)
	return string(runes[:columns-1]) + "…"
}

func known(r *float64) string {
	if r == nil {
		return "-"
	}
	return rate(*r)
}

// rate writes a rate with as many digits as matter.
func rate(r float64) string {
	if r >= 100 || r == math.Trunc(r) {
		return digits.Grouped(uint64(math.Round(max(0, r))))
	}
	return strconv.FormatFloat(r, 'f', 1, 64)
}

func size(bytes int) string {
	switch {
	case bytes >= 10<<20:
		return fmt.Sprintf("%d MiB", bytes>>20)
	case bytes >= 10<<10:
		return fmt.Sprintf("%d KiB", bytes>>10)
	default:
		return fmt.Sprintf("%d B", bytes)
	}
}

func duration(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	if d >= 48*time.Hour {
		return fmt.Sprintf("%d d %d h", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
	}
	return d.Truncate(time.Second).String()
}
