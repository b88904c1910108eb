package top_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"weir/cmd/weir/api"
	"weir/cmd/weir/top"
	"weir/expose/status"
	"weir/expose/status/wire"
)

// fake is a weir that answers with what a test sets.
type fake struct {
	client *api.Client

	mu        sync.Mutex
	status    wire.Status   // guarded by mu
	families  wire.Families // guarded by mu
	rejects   wire.Rejects  // guarded by mu
	senders   wire.Senders  // guarded by mu
	isGone    bool          // guarded by mu
	questions []string      // guarded by mu; for families
	unknown   int           // guarded by mu; how many answers come before rates are known
}

func start(t testing.TB) *fake {
	t.Helper()
	perSecond := 1234.0
	f := &fake{
		status: wire.Status{
			Now: 100, Instance: "checkout-7f9", Version: "1.0.0", UptimeSeconds: 273600,
			Health:     wire.Health{Text: "18,204 lines/s, none lost uncounted", Notes: []wire.Note{{Title: "limit reached", Text: "web has 5 series"}}},
			LastScrape: &wire.LastScrape{At: 94, Peer: "10.0.4.17"},
			Rates:      wire.LedgerRates{Lines: 18204, Rejected: 2.5}, Series: wire.SeriesCounts{Now: 4812, Limit: 100000, Families: 62},
		},
		families: wire.Families{Total: 62, Families: []wire.Family{
			{
				Name: "web_hits", Kind: "counter", Series: 1000, SamplesPerSecond: &perSecond, ExposedBytes: 20 << 10,
				Senders: []wire.FamilySender{{Name: "php-fpm"}}, SendersMore: 3,
			},
			{Name: "queue_depth", Kind: "gauge", Series: 1},
		}},
		rejects: wire.Rejects{Reasons: []wire.RejectReason{
			{Reason: "type_conflict", TenMinutes: 1310, PerSecond: 2.5, Newest: &wire.Reject{
				Sent: wire.Sent{Line: "queue.depth:1|c", Sender: "127.0.0.1:4000"},
			}},
			{Reason: "bad_value", Samples: 7},
		}},
		senders: wire.Senders{Senders: []wire.Sender{{Sender: "pid 7", Program: "php-fpm", Transport: "unixgram", Rejected: 3}}},
	}
	server := httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(server.Close)
	var err error
	if f.client, err = api.New(api.Options{URL: server.URL}); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.isGone {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	families := f.families
	families.Estimated = len(f.questions) >= f.unknown
	answer := map[string]any{
		"status": f.status, "families": families, "rejects": f.rejects, "senders": f.senders,
	}[strings.TrimPrefix(r.URL.Path, status.Root)]
	if strings.HasSuffix(r.URL.Path, "families") {
		f.questions = append(f.questions, r.URL.RawQuery)
	}
	text, _ := json.Marshal(wire.Envelope[any]{Status: "success", Data: answer})
	_, _ = w.Write(text)
}

func options() top.Options { return top.Options{Interval: 500 * time.Millisecond, Sort: "rate"} }

func TestOnce(t *testing.T) {
	f := start(t)
	var out bytes.Buffer
	o := options()
	if err := top.Once(t.Context(), f.client, &o, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"weir 1.0.0  checkout-7f9  up 3 d 4 h\n", "18,204 lines/s, none lost uncounted\n", "! limit reached: web has 5 series\n",
		"lines 18,204  recorded 0  refused 0  rejected 2.5", "series 4,812 of 100,000  metrics 62", "scraped 6s ago by 10.0.4.17\n",
		"web_hits                                 counter         1,234     1,000        0    20 KiB  php-fpm and 3 more\n",
		"queue_depth                              gauge               -         1        0       0 B  \n", "and 60 more\n",
		"type_conflict                1,310 in 10 min      2.5/s  queue.depth:1|c  from 127.0.0.1:4000\n",
		"pid 7 php-fpm", "3 rejected",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	if strings.Contains(out.String(), "bad_value") || strings.Contains(out.String(), "\x1b") || strings.Contains(out.String(), "q quit") ||
		strings.Contains(out.String(), "NO ANSWER") {
		t.Error(out.String())
	}
}

// A name that just fits is whole; a longer one ends in an ellipsis.
func TestLongNames(t *testing.T) {
	f := start(t)
	fits := strings.Repeat("n", 40)
	f.families.Families[0].Name, f.families.Families[1].Name = fits, fits+"n"
	var out bytes.Buffer
	o := options()
	if err := top.Once(t.Context(), f.client, &o, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\n" + fits + " counter", "\n" + fits[1:] + "… gauge"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}

// Once asks again until the rates are known, and not when there is no metric.
func TestOnceWaitsForRates(t *testing.T) {
	f := start(t)
	f.unknown = 2
	o := options()
	var out bytes.Buffer
	if err := top.Once(t.Context(), f.client, &o, &out); err != nil || !strings.Contains(out.String(), "1,234") {
		t.Errorf("%v: %s", err, &out)
	}
	if len(f.questions) != 3 {
		t.Errorf("%d questions, want 3", len(f.questions))
	}
	f.unknown, f.questions, f.families = 2, nil, wire.Families{}
	if err := top.Once(t.Context(), f.client, &o, &out); err != nil || len(f.questions) != 1 {
		t.Errorf("%d questions without a metric, %v", len(f.questions), err)
	}
}

// screen is a terminal that a test looks at.
type screen struct {
	mu   sync.Mutex
	text string // guarded by mu; the last picture
	drew chan struct{}
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = string(b)
	select {
	case s.drew <- struct{}{}:
	default:
	}
	return len(b), nil
}

// await waits for a picture with a text.
func (s *screen) await(t *testing.T, want string) {
	t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		s.mu.Lock()
		text := s.text
		s.mu.Unlock()
		if strings.Contains(text, want) {
			return
		}
		select {
		case <-s.drew:
		case <-timeout:
			t.Fatalf("no %q in\n%s", want, text)
		}
	}
}

// run runs top in a terminal of so many columns and lines.
func run(ctx context.Context, t *testing.T, f *fake, columns, lines int) (s *screen, keys chan<- byte, ended <-chan error) {
	t.Helper()
	s = &screen{drew: make(chan struct{}, 1)}
	typed, end := make(chan byte), make(chan error, 1)
	terminal := &top.Terminal{Out: s, Keys: typed, Size: func() (int, int) { return columns, lines }}
	go func() { end <- top.Run(ctx, f.client, options(), terminal) }()
	return s, typed, end
}

// Keys sort, find and quit; a picture fits into the terminal.
func TestKeys(t *testing.T) {
	f := start(t)
	s, keys, ended := run(t.Context(), t, f, 60, 14)
	s.await(t, "sorted by rate")
	keys <- 's'
	s.await(t, "sorted by series")
	for _, key := range []byte("/webx\x7f") {
		keys <- key
	}
	s.await(t, "find (Enter shows, Esc leaves it): web_")
	keys <- '\r'
	s.await(t, "matching web")
	s.mu.Lock()
	rows := strings.Split(s.text, "\r\n")
	s.mu.Unlock()
	if len(rows) > 14 {
		t.Errorf("%d rows", len(rows))
	}
	for _, row := range rows {
		plain := strings.NewReplacer("\x1b[H", "", "\x1b[K", "", "\x1b[J", "").Replace(row)
		if utf8.RuneCountInString(plain) > 60 {
			t.Errorf("%d columns: %s", utf8.RuneCountInString(plain), plain)
		}
	}
	keys <- '/'
	keys <- 27
	keys <- 'q'
	if err := <-ended; err != nil {
		t.Error(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if got := fmt.Sprint(f.questions); !strings.Contains(got, "sort=series") || !strings.Contains(got, "match=web") {
		t.Error(got)
	}
}

// Of many metrics as many are shown as leave room for what stands below them.
func TestManyMetrics(t *testing.T) {
	f := start(t)
	for i := range 98 {
		f.families.Families = append(f.families.Families, wire.Family{Name: fmt.Sprintf("many_%d", i), Kind: "gauge"})
	}
	f.families.Total = 100
	s, keys, ended := run(t.Context(), t, f, 100, 24)
	s.await(t, "/ find")
	s.mu.Lock()
	rows, shown := strings.Count(s.text, "\r\n")+1, strings.Count(s.text, " gauge ")+strings.Count(s.text, " counter ")
	text := s.text
	s.mu.Unlock()
	for _, want := range []string{fmt.Sprintf("and %d more", 100-shown), "type_conflict", "SENDERS", "php-fpm"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if rows != 24 || shown < 5 {
		t.Errorf("%d rows, %d metrics in\n%s", rows, shown, text)
	}
	keys <- 'q'
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A restart of weir ends nothing, and Ctrl-C ends it, typed or as a signal.
func TestRestartAndInterrupt(t *testing.T) {
	f := start(t)
	s, keys, ended := run(t.Context(), t, f, 100, 30)
	s.await(t, "web_hits")
	f.mu.Lock()
	f.isGone = true
	f.mu.Unlock()
	s.await(t, "NO ANSWER, trying again")
	f.mu.Lock()
	f.isGone = false
	f.families.Families[0].Name = "later"
	f.mu.Unlock()
	s.await(t, "later")
	keys <- 3
	if err := <-ended; err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, _, ended = run(ctx, t, f, 100, 30)
	cancel() // before the first answer, or after it
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestClosed(t *testing.T) {
	f := start(t)
	f.isGone = true
	o := options()
	if err := top.Once(t.Context(), f.client, &o, &bytes.Buffer{}); err == nil {
		t.Error("no weir is no error")
	}
	_, _, ended := run(t.Context(), t, f, 100, 30)
	if err := <-ended; err == nil {
		t.Error("no weir is no error")
	}
}

// No character that a terminal acts on gets through, whatever was sent.
func TestHostileText(t *testing.T) {
	f := start(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		f.mu.Lock()
		f.families.Families[0].Name, f.families.Families[0].Senders[0].Name = text.Draw(t, "name"), text.Draw(t, "sender")
		f.rejects.Reasons[0].Newest.Line, f.senders.Senders[0].Program = text.Draw(t, "line"), text.Draw(t, "program")
		f.status.Health.Notes[0].Text = text.Draw(t, "note")
		f.mu.Unlock()
		var out bytes.Buffer
		o := options()
		if err := top.Once(context.Background(), f.client, &o, &out); err != nil {
			t.Fatal(err)
		}
		for _, r := range out.String() {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%q in %q", r, out.String())
			}
		}
	})
}

func TestMistakes(t *testing.T) {
	for want, o := range map[string]top.Options{
		`--sort: "x": want rate, series`: {Sort: "x", Interval: time.Second},
		"--interval: 1ms: want at least": {Sort: "rate", Interval: time.Millisecond},
	} {
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := (&top.Options{Sort: "new", Interval: 500 * time.Millisecond}).Validate(); err != nil {
		t.Errorf("the shortest interval: %v", err)
	}
}

func ExampleOptions_Validate() {
	o := top.Options{Sort: "size", Interval: time.Second}
	fmt.Fprintln(os.Stdout, o.Validate())
	// Output: --sort: "size": want rate, series, bytes, new, name
}

// A weir without metrics, without scrapes and without a part of the API has a picture, too.
func TestEmptyWeir(t *testing.T) {
	f := start(t)
	f.status, f.families, f.rejects, f.senders = wire.Status{}, wire.Families{}, wire.Rejects{}, wire.Senders{}
	var out bytes.Buffer
	o := options()
	o.Match = "nothing"
	if err := top.Once(t.Context(), f.client, &o, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"not scraped yet", "no metric  matching nothing"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}
