package web_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"weir/expose/status/web"
)

var update = flag.Bool("update", false, "write the golden files in testdata")

// most is how many bytes the page may have in all, compressed.
const most = 60 << 10

func TestAssets(t *testing.T) {
	page := web.New()
	document := string(page.Append(nil, nil))
	paths := regexp.MustCompile(`(?:href|src)="(assets/[^"]+)"`).FindAllStringSubmatch(document, -1)
	if len(paths) != 2 {
		t.Fatalf("the document refers to %q, want a script and a style sheet", paths)
	}
	total := 0
	for _, path := range paths {
		a := page.Asset(path[1])
		if a == nil {
			t.Fatalf("there is no asset %s", path[1])
		}
		r, err := gzip.NewReader(bytes.NewReader(a.Gzip()))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(body, a.Body) {
			t.Errorf("%s: the compressed bytes are others than the body, error %v", a.Path, err)
		}
		if !strings.HasPrefix(a.ETag, `"`) || !strings.Contains(a.Path, strings.Trim(a.ETag, `"`)) {
			t.Errorf("%s: the entity tag is %s", a.Path, a.ETag)
		}
		total += len(a.Gzip())
	}
	if total > most {
		t.Errorf("the page has %d bytes, want at most %d", total, most)
	}
	for _, path := range []string{"", "assets/", "assets/app.js", "/" + paths[0][1], paths[0][1] + "/"} {
		if a := page.Asset(path); a != nil {
			t.Errorf("Asset(%q) = %s, want none", path, a.Path)
		}
	}
}

// The bundle has no address of another host, and neither has the document.
func TestNothingFromElsewhere(t *testing.T) {
	page := web.New()
	texts := map[string][]byte{"document": page.Append(nil, summary())}
	for _, path := range regexp.MustCompile(`assets/[^"]+`).FindAllString(string(texts["document"]), -1) {
		texts[path] = page.Asset(path).Body
	}
	namespaces := []string{"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML", "http://www.w3.org/1999/xlink"}
	for name, text := range texts {
		for _, address := range regexp.MustCompile(`(?:https?:)?//[a-z][\w.-]+[^"'\x60\s>)]*`).FindAllString(string(text), -1) {
			known := false
			for _, n := range namespaces {
				known = known || strings.HasPrefix(address, n)
			}
			if !known {
				t.Errorf("%s refers to %s", name, address)
			}
		}
	}
}

// The policy allows no inline script or style, so the document must have none.
func TestPolicy(t *testing.T) {
	if p := web.Policy(); strings.Contains(p, "unsafe") || !strings.HasPrefix(p, "default-src 'none';") || strings.ContainsAny(p, "\r\n") {
		t.Errorf("Policy() = %q", p)
	}
	document := string(web.New().Append(nil, summary()))
	for _, inline := range []string{`<style`, ` style=`, `<script>`, ` onclick=`, `javascript:`} {
		if strings.Contains(document, inline) {
			t.Errorf("the document has %s", inline)
		}
	}
}

// Golden documents are read by the browser's tests too. The names of assets change with every bundle.
func TestDocuments(t *testing.T) {
	f := func(name string, s *web.Summary) {
		t.Helper()
		got := regexp.MustCompile(`assets/app\.[0-9a-f]{12}`).ReplaceAll(web.New().Append(nil, s), []byte("assets/app.HASH"))
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got), -update writes it:\n%s", name, diff)
		}
	}
	f("shell.html", nil)
	f("summary.html", summary())
	f("empty.html", &web.Summary{Health: "no line yet", MetricsPath: "/metrics"})
}

// Characters that cannot be seen are escapes, long texts are cut, and markup is text.
func TestHostileTexts(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		document := string(web.New().Append(nil, &web.Summary{Health: text}))
		if shown := `<span class="pill ok">` + want + `</span>`; !strings.Contains(document, shown) {
			t.Errorf("Health %q: the document has no %q:\n%s", text, shown, document)
		}
	}
	f("plain", "plain")
	f("<b>&\"'", "&lt;b&gt;&amp;&#34;&#39;")
	f("a\x1b[31m\x00\n\t", `a\x1b[31m\x00\n\t`)
	f("\u202etxt\u2066\u200b\ufeff", `\u202etxt\u2066\u200b\ufeff`)
	f("\u3164\ufe0f\u00ad", `\u3164\ufe0f\u00ad`)
	f("bad\xff", `bad\xff`)
	f("größe 値", "größe 値")
	f(strings.Repeat("x", 8192), strings.Repeat("x", 300)+"…")
	document := string(web.New().Append(nil, &web.Summary{Level: `"><script>`, Metrics: []web.Metric{{Name: "`!"}}}))
	if strings.Contains(document, "<script>") || !strings.Contains(document, `<td class="mono">`+"`!</td>") {
		t.Errorf("the document is\n%s", document)
	}
}

// Without a summary the document is the same for everybody.
func TestShellHasNoData(t *testing.T) {
	page := web.New()
	if got := string(page.Append([]byte("x"), nil)); got != "x"+string(page.Append(nil, nil)) {
		t.Error("Append does not append")
	}
	if text := string(page.Append(nil, nil)); strings.Contains(text, "<table") || len(text) > 1500 {
		t.Errorf("the shell is\n%s", text)
	}
}

func summary() *web.Summary {
	return &web.Summary{
		Instance: "checkout-7f9", Version: "1.0.0", Uptime: 76*time.Hour + 1234*time.Millisecond, Level: "look",
		Health: "18,204 lines/s, none lost uncounted", LastScrape: "last scrape 6 s ago by 10.0.4.17", MetricsPath: "/metrics",
		Notes: []web.Note{
			{Title: "limit reached", Text: "checkout_requests has 1,000 series.", Fix: "max_label_values: {user_id: 100}"},
			{Title: "1,310 rejected", Text: "queue_depth is a gauge."},
		},
		Ledger: []web.Count{
			{Name: "datagrams", Total: 2201144, PerSecond: 3668.4},
			{Name: "recorded", Total: 11801992, PerSecond: 0.25},
			{Name: "dropped by the kernel", PerSecond: -1},
		},
		Metrics: []web.Metric{
			{Name: "checkout_requests", Type: "counter", Series: 1000, PerSecond: 9120},
			{Name: `<img src=x onerror=alert(1)>`, Type: "gauge", Series: 1, PerSecond: -1},
		},
		More:    60,
		Rejects: []web.Reject{{Reason: "type_conflict", Samples: 1310, Line: "queue.depth:1|c", Sender: "worker (pid 4411)", Advice: "Send |g."}},
	}
}
