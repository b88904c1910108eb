package web

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"weir/internal/digits"
)

const head = `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer"><title>weir</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E` +
	`%3Crect width='16' height='16' rx='4' fill='%230f766e'/%3E` +
	`%3Cpath d='M2 6q3-3 6 0t6 0M2 11q3-3 6 0t6 0' fill='none' ` +
	`stroke='%23fff' stroke-width='1.8'/%3E%3C/svg%3E">
<link rel="stylesheet" href="%STYLE%">
<script type="module" src="%SCRIPT%"></script></head>
<body><div id="app">
`

const tail = `</div></body></html>
`

const noData = `<noscript><main><section class="card"><p class="title">weir</p>
<p>weir shows its state to readers on its own host, or with credentials. With JavaScript this page
asks for them; without it, ask the API:
<code>curl -H "Authorization: Bearer $TOKEN" …/api/v1/status</code></p></section></main></noscript>
`

// maxText is the most bytes that one text of a summary takes in the document.
const maxText = 300

// document is HTML under construction. Markup comes from constants only; every other text goes through text.
type document struct{ strings.Builder }

// Append appends the document to dst. Without a summary, it says nothing about weir: the script asks for
// what the reader may see.
func (p *Page) Append(dst []byte, s *Summary) []byte {
	var d document
	d.WriteString(strings.NewReplacer("%STYLE%", p.style.Path, "%SCRIPT%", p.script.Path).Replace(head))
	if s == nil {
		d.WriteString(noData)
	} else {
		d.summary(s)
	}
	d.WriteString(tail)
	return append(dst, d.String()...)
}

func (d *document) summary(s *Summary) {
	d.WriteString("<header class=\"bar1\"><div class=\"top\"><b>weir</b>")
	d.WriteString("<span class=\"pill " + level(s.Level) + "\">")
	d.text(s.Health)
	d.WriteString("</span><span class=\"meta\">")
	facts := []string{s.Instance, s.Version, "up " + uptime(s.Uptime), s.LastScrape}
	for _, fact := range facts {
		if fact != "" {
			d.element("span", fact)
		}
	}
	d.WriteString("</span></div></header>\n<main><h1 class=\"hidden\">weir</h1>\n")
	d.notes(s.Notes)
	d.ledger(s.Ledger)
	d.rejects(s.Rejects)
	d.metrics(s)
	d.WriteString("<section class=\"card\"><p>Everything on this page is also in the API: " +
		"<a href=\"api/v1/status\">api/v1/status</a>. Scrapers read <code>")
	d.text(s.MetricsPath)
	d.WriteString("</code>.</p></section>\n</main>\n")
}

// uptime writes a duration in its two largest units.
func uptime(d time.Duration) string {
	const day = 24 * time.Hour
	if d < day {
		return d.Truncate(time.Second).String()
	}
	return strconv.Itoa(int(d/day)) + " d " + strconv.Itoa(int(d%day/time.Hour)) + " h"
}

// level returns a level that is a class of the style sheet.
func level(text string) string {
	switch text {
	case "look", "bad":
		return text
	default:
		return "ok"
	}
}

func (d *document) notes(notes []Note) {
	if len(notes) == 0 {
		return
	}
	d.begin("Needs a look")
	for _, n := range notes {
		d.WriteString("<p><span class=\"tag w\">")
		d.text(n.Title)
		d.WriteString("</span> ")
		d.text(n.Text)
		if n.Fix != "" {
			d.WriteString(" ")
			d.element("code", n.Fix)
		}
		d.WriteString("</p>\n")
	}
	d.WriteString("</section>\n")
}

func (d *document) ledger(counts []Count) {
	d.begin("Where every line went since the start")
	d.table(plain(""), figure("Total"), figure("A second"))
	for _, c := range counts {
		d.row(plain(c.Name), figure(digits.Grouped(c.Total)), figure(perSecond(c.PerSecond)))
	}
	d.WriteString("</table></section>\n")
}

func (d *document) rejects(rejects []Reject) {
	if len(rejects) == 0 {
		return
	}
	d.begin("Rejects")
	d.table(plain("Reason"), figure("Samples"), plain("Newest line"), plain("From"), plain("What to do"))
	for _, r := range rejects {
		d.row(plain(r.Reason), figure(digits.Grouped(r.Samples)), code(r.Line), plain(r.Sender),
			plain(r.Advice))
	}
	d.WriteString("</table></section>\n")
}

func (d *document) metrics(s *Summary) {
	d.begin("Metrics")
	if len(s.Metrics) == 0 {
		d.WriteString("<p class=\"empty\">No metric yet.</p></section>\n")
		return
	}
	d.table(plain("Metric"), plain("Type"), figure("Series"), figure("Samples/s"))
	for _, m := range s.Metrics {
		d.row(code(m.Name), plain(m.Type), figure(digits.Grouped(m.Series)), figure(perSecond(m.PerSecond)))
	}
	d.WriteString("</table>")
	if s.More > 0 {
		d.element("p", "and "+digits.Grouped(s.More)+" more")
	}
	d.WriteString("</section>\n")
}

func (d *document) begin(title string) {
	d.WriteString("<section class=\"card\">")
	d.element("h2", title)
}

// cell is a cell of a table, with its class in the style sheet.
type cell struct{ class, text string }

func plain(text string) cell  { return cell{"", text} }
func code(text string) cell   { return cell{"mono", text} }
func figure(text string) cell { return cell{"n", text} }

// table begins a table with its titles.
func (d *document) table(titles ...cell) {
	d.WriteString("<table>")
	d.cells("th", titles)
}

func (d *document) row(cells ...cell) { d.cells("td", cells) }

func (d *document) cells(element string, cells []cell) {
	d.WriteString("<tr>")
	for _, c := range cells {
		d.WriteString("<" + element)
		if c.class != "" {
			d.WriteString(" class=\"" + c.class + "\"")
		}
		d.WriteString(">")
		d.text(c.text)
		d.WriteString("</" + element + ">")
	}
	d.WriteString("</tr>\n")
}

func (d *document) element(name, text string) {
	d.WriteString("<" + name + ">")
	d.text(text)
	d.WriteString("</" + name + ">")
}

// text writes a text that may hold anything.
func (d *document) text(text string) { d.WriteString(html.EscapeString(visible(text))) }

// visible returns text with escapes for every character that has no shape, and cuts it to maxText.
func visible(text string) string {
	var out strings.Builder
	for at := 0; at < len(text); {
		if at >= maxText {
			return out.String() + "…"
		}
		r, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case r == utf8.RuneError && size <= 1:
			fmt.Fprintf(&out, `\x%02x`, text[at])
		case unicode.IsPrint(r) && !isFiller(r):
			out.WriteRune(r)
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			out.WriteString(quoted[1 : len(quoted)-1])
		}
		at += size
	}
	return out.String()
}

// isFiller reports whether r counts as a letter or a mark, but has no shape: Hangul fillers, a Khmer vowel,
// the joiner of graphemes, selectors of variants.
func isFiller(r rune) bool {
	switch r {
	case 0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x3164, 0xffa0:
		return true
	default:
		return 0x180b <= r && r <= 0x180f || 0xfe00 <= r && r <= 0xfe0f || 0xe0100 <= r && r <= 0xe01ef
	}
}

func perSecond(rate float64) string {
	switch {
	case rate < 0 || math.IsNaN(rate) || math.IsInf(rate, 0):
		return "–"
	case rate >= 100:
		return digits.Grouped(uint64(math.Round(rate)))
	default:
		return strconv.FormatFloat(math.Round(rate*100)/100, 'f', -1, 64)
	}
}
