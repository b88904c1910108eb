package status_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/expose/status"
	"weir/expose/status/wire"
)

// recorder is every source: it keeps the last question.
type recorder struct {
	asked any
	err   error
}

func (r *recorder) Families(q wire.FamiliesQuery) (wire.Families, error) {
	r.asked = q
	return wire.Families{Families: []wire.Family{}}, r.err
}

func (r *recorder) Family(q wire.FamilyQuery) (wire.FamilyDetail, error) {
	r.asked = q
	return wire.FamilyDetail{}, r.err
}

func (r *recorder) Series(q wire.SeriesQuery) (wire.SeriesList, error) {
	r.asked = q
	return wire.SeriesList{}, r.err
}

func (r *recorder) Labels(q wire.LabelsQuery) (wire.Labels, error) {
	r.asked = q
	return wire.Labels{}, r.err
}

func (r *recorder) TSDB(limit int) (wire.TSDB, error) {
	r.asked = limit
	return wire.TSDB{}, r.err
}

func (r *recorder) Delete(q wire.DeleteQuery) (wire.Deleted, error) {
	r.asked = fmt.Sprint(q)
	return wire.Deleted{Deleted: len(q.Match)}, r.err
}

func (r *recorder) Tail(_ context.Context, q wire.TailQuery) (wire.Tail, error) {
	r.asked = q
	return wire.Tail{}, r.err
}

func (r *recorder) Senders(q wire.SendersQuery) (wire.Senders, error) {
	r.asked = q
	return wire.Senders{}, r.err
}

func (r *recorder) Rejects(q wire.RejectsQuery, _ time.Time) wire.Rejects {
	r.asked = q
	return wire.Rejects{}
}

func (r *recorder) sources() status.Sources {
	return status.Sources{
		Build:  wire.BuildInfo{Version: "1.2.3"},
		Status: func(since uint64) wire.Status { r.asked = since; return wire.Status{} },
		Lines:  r, Explorer: r, CanDelete: true,
		Explain: func(lines string) (wire.Explained, error) { r.asked = lines; return wire.Explained{}, r.err },
	}
}

// ask asks an API: "GET path?query" or "POST path body".
func ask(a *status.API, question string) status.Response {
	method, path, _ := strings.Cut(question, " ")
	path, body, _ := strings.Cut(path, " ")
	path, query, _ := strings.Cut(path, "?")
	return a.Answer(context.Background(), &status.Request{
		Method: method, Path: status.Root + path, Query: query, Body: []byte(body), Who: "boss", From: "::1",
	})
}

func TestQuestions(t *testing.T) {
	var r recorder
	a := status.New(r.sources())
	for question, want := range map[string]any{
		"GET status?since=7": uint64(7),
		"HEAD status":        uint64(0),
		"GET status/tsdb":    10,
		"GET families":       wire.FamiliesQuery{Sort: "name", Limit: 50},
		"GET families?sort=rate&limit=1000&own=1":  wire.FamiliesQuery{Sort: "rate", Limit: 1000, HasOwn: true},
		"GET families?match=a*&type=gauge&after=x": wire.FamiliesQuery{Match: "a*", Type: "gauge", Sort: "name", Limit: 50, After: "x"},
		"GET families/a/b":                         wire.FamilyQuery{Name: "a/b", Format: "text", Limit: 100},
		"GET series?match=a%7Bb%3D%22c%22%7D":      wire.SeriesQuery{Match: `a{b="c"}`, Limit: 50},
		"GET labels?sort=growth":                   wire.LabelsQuery{Sort: "growth", Limit: 20},
		"GET rejects?since=3&reason=bad_value":     wire.RejectsQuery{Since: 3, Reason: "bad_value", Limit: 50},
		"GET tail?match=a&rejected=1&wait=2s":      wire.TailQuery{Match: "a", Rejected: true, Limit: 50, Wait: 2 * time.Second},
		"GET senders?sort=created":                 wire.SendersQuery{Sort: "created", Limit: 50},
		`POST explain {"line":"a:1|c"}`:            "a:1|c",
		"POST series/delete?match=a&match=b":       "{[a b] boss ::1}",
	} {
		r.asked = nil
		if got := ask(a, question); got.Status != http.StatusOK || r.asked != want {
			t.Errorf("%s: %d %s: asked %+v, want %+v", question, got.Status, got.Body, r.asked, want)
		}
	}
}

func TestMistakes(t *testing.T) {
	var r recorder
	a := status.New(r.sources())
	for question, want := range map[string]string{
		"GET families?limit=0":         `limit: \"0\": want 1 to 1000`,
		"GET families?limit=1001":      "want 1 to 1000",
		"GET families?limit=1&limit=2": "want it once",
		"GET families?sort=up":         "want name, rate, series, bytes, new",
		"GET families?color=red":       `\"color\" is no parameter here: want match, type, sort, limit, after, own`,
		"GET families?match=%zz":       "the query cannot be read",
		"GET status/buildinfo?x=1":     "want none",
		"GET status?since=-1":          "want the number of an answer",
		"GET tail?wait=3s":             "want 0s to 2s",
		"GET tail?rejected=maybe":      "want 1 or 0",
		`POST explain {"lines":"a"}`:   "unknown field",
		`POST explain {"line":"a"}{}`:  "want one JSON value",
		`POST explain `:                "the body",
		"POST series/delete":           "want a selector",
		"GET nothing":                  "/api/v1/families/{name}",
		"GET families/":                "is no route",
		"PUT status":                   "only GET, HEAD",
		"GET explain":                  "only POST",
		"GET listeners":                "not ready to answer",
		"GET config":                   "not ready to answer",
		"POST explain {\"line\":\"" + strings.Repeat("x", 9000) + "\"}": "at most 8192 bytes",
	} {
		got := ask(a, question)
		var e wire.Envelope[json.RawMessage]
		if err := json.Unmarshal(got.Body, &e); err != nil || e.Status != "error" || e.ErrorType == "" {
			t.Errorf("%.60s: %s, %v", question, got.Body, err)
		}
		if got.Status < 400 || got.Status == 500 || !strings.Contains(string(got.Body), want) {
			t.Errorf("%.60s: %d %s: want %s", question, got.Status, got.Body, want)
		}
	}
}

func TestErrors(t *testing.T) {
	r := recorder{err: fmt.Errorf("look: %w", &wire.Error{Type: wire.NotFound, Text: "no such metric"})}
	a := status.New(r.sources())
	want := `{"status":"error","errorType":"not_found","error":"no such metric"}` + "\n"
	if got := ask(a, "GET families/x"); got.Status != http.StatusNotFound || string(got.Body) != want {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	r.err = errors.New("a bug")
	if got := ask(a, "GET labels"); got.Status != http.StatusInternalServerError {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	closed := r.sources()
	closed.CanDelete = false
	got := ask(status.New(closed), "POST series/delete?match=a")
	if got.Status != http.StatusForbidden || !strings.Contains(string(got.Body), "endpoint.lifecycle") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

// Markup and characters that end a line of JavaScript are escaped, so that no browser takes JSON for a page.
func TestHostileText(t *testing.T) {
	var r recorder
	s := r.sources()
	s.Build.Version = "<img onerror=x>\u2028&"
	got := string(ask(status.New(s), "GET status/buildinfo").Body)
	if strings.ContainsAny(got, "<>&\u2028") {
		t.Error(got)
	}
}

// Whatever the question is, the answer is one JSON value in an envelope.
func TestAnyQuestion(t *testing.T) {
	var r recorder
	a := status.New(r.sources())
	rapid.Check(t, func(t *rapid.T) {
		request := status.Request{
			Method: rapid.SampledFrom([]string{"GET", "HEAD", "POST", "PUT"}).Draw(t, "method"),
			Path:   status.Root + rapid.OneOf(rapid.SampledFrom([]string{"tail", "explain", "families", "families/x"}), rapid.String()).Draw(t, "path"),
			Query:  rapid.OneOf(rapid.String(), rapid.StringMatching(`(limit|since|match|wait)=[-0-9a-z%]*`)).Draw(t, "query"),
			Body:   rapid.SliceOf(rapid.Byte()).Draw(t, "body"),
		}
		got := a.Answer(context.Background(), &request)
		var e wire.Envelope[json.RawMessage]
		if err := json.Unmarshal(got.Body, &e); err != nil {
			t.Fatalf("%s: %v", got.Body, err)
		}
		if (e.Status == "success") != (got.Status == http.StatusOK) || (e.Error == "") != (e.Status == "success") {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
	})
}

func TestAccess(t *testing.T) {
	local, far := netip.MustParseAddr("::ffff:127.0.0.1"), netip.MustParseAddr("10.0.0.7")
	for _, x := range []struct {
		access status.Access
		from   netip.Addr
		host   string
		want   string
	}{
		{status.AccessLoopback, local, "127.0.0.1:9102", ""},
		{status.AccessLoopback, local, "localhost", ""},
		{status.AccessLoopback, local, "LOCALHOST:9102", ""},
		{status.AccessLoopback, local, "[::1]:9102", ""},
		{status.AccessLoopback, local, "[::1]", ""},
		{status.AccessLoopback, netip.MustParseAddr("::1"), "10.0.0.1", ""},
		{status.AccessLoopback, local, "evil.example:9102", "localhost or an IP address"},
		{status.AccessLoopback, local, "127.0.0.1.evil.example", "localhost or an IP address"},
		{status.AccessLoopback, local, "localhost.evil.example", "localhost or an IP address"},
		{status.AccessLoopback, local, "", "localhost or an IP address"},
		{status.AccessLoopback, far, "127.0.0.1:9102", "endpoint.status: all"},
		{status.AccessLoopback, netip.Addr{}, "127.0.0.1", "endpoint.status: all"},
		{status.AccessAll, far, "evil.example", ""},
		{status.AccessOff, local, "127.0.0.1", "are off"},
	} {
		got := x.access.Refusal(x.from, x.host)
		if (got == "") != (x.want == "") || !strings.Contains(got, x.want) {
			t.Errorf("%s %v %q: %q, want %q", x.access, x.from, x.host, got, x.want)
		}
	}
}

func ExampleAPI_Answer() {
	a := status.New(status.Sources{Build: wire.BuildInfo{Version: "1.2.3"}})
	r := a.Answer(context.Background(), &status.Request{Method: "GET", Path: "/api/v1/status/buildinfo"})
	fmt.Printf("%d %s", r.Status, r.Body)
	// Output:
	// 200 {"status":"success","data":{"version":"1.2.3","revision":"","branch":"","buildUser":"","buildDate":"","goVersion":""}}
}

func TestFind(t *testing.T) {
	a := status.New(status.Sources{})
	for path, want := range map[string]string{
		"/api/v1/status":           "status",
		"/api/v1/status/tsdb":      "status/tsdb",
		"/api/v1/status/nothing":   "",
		"/api/v1/status/":          "",
		"/api/v1/families":         "families",
		"/api/v1/families/":        "",
		"/api/v1/families/a":       "families/",
		"/api/v1/families/a/b?c":   "families/",
		"/api/v1/families/../tail": "families/",
		"/api/v1/":                 "",
		"/api/v1":                  "",
		"/api/v2/status":           "",
		"/metrics":                 "",
		"":                         "",
	} {
		got := ""
		if r := a.Find(path); r != nil {
			got = r.Path
		}
		if got != want {
			t.Errorf("%s is the route %q, want %q", path, got, want)
		}
	}
}

// What changes something is POST and for administrators, and a body is read where it is asked for only.
func TestRoutesThatChange(t *testing.T) {
	a := status.New(status.Sources{})
	for path, want := range map[string]string{
		"explain": "POST admin=false body=true", "series/delete": "POST admin=true body=false",
		"series": "GET admin=false body=false",
	} {
		r := a.Find(status.Root + path)
		if got := fmt.Sprintf("%s admin=%v body=%v", r.Method, r.IsAdmin, r.HasBody); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
		if r.Allows("DELETE") || r.Allows("HEAD") != (r.Method == "GET") || !r.Allows(r.Method) {
			t.Errorf("%s allows other methods", path)
		}
	}
}

// No name that somebody can have resolve to 127.0.0.1 gets an answer.
func TestRebinding(t *testing.T) {
	local := netip.MustParseAddr("127.0.0.1")
	rapid.Check(t, func(t *rapid.T) {
		host := rapid.StringMatching(`[a-z0-9.-]{0,20}\.[a-z]{2,8}(:[0-9]{1,5})?`).Draw(t, "host")
		if status.AccessLoopback.Refusal(local, host) == "" {
			t.Errorf("%q is let in", host)
		}
	})
}

func TestFailure(t *testing.T) {
	r := status.Failure(http.StatusForbidden, wire.Forbidden, "no <b>way</b>")
	var e wire.Envelope[json.RawMessage]
	if err := json.Unmarshal(r.Body, &e); err != nil || e.Error != "no <b>way</b>" || e.ErrorType != "forbidden" || r.Status != 403 {
		t.Errorf("%d %s", r.Status, r.Body)
	}
}

// Many may ask at once; requests share nothing.
func TestConcurrentQuestions(t *testing.T) {
	a := status.New(status.Sources{Status: func(since uint64) wire.Status {
		return wire.Status{History: wire.History{Seq: since}}
	}})
	done := make(chan string)
	for i := range 20 {
		go func() {
			body := ask(a, fmt.Sprintf("GET status?since=%d", i)).Body
			var e wire.Envelope[wire.Status]
			if err := json.Unmarshal(body, &e); err != nil || e.Data.History.Seq != uint64(i) {
				done <- fmt.Sprintf("%d: %s, %v", i, body, err)
			}
			done <- ""
		}()
	}
	for range 20 {
		if text := <-done; text != "" {
			t.Error(text)
		}
	}
}

// A wait ends with the request: the source gets its context.
func TestContext(t *testing.T) {
	waiting := tailFunc(func(ctx context.Context) (wire.Tail, error) {
		<-ctx.Done()
		return wire.Tail{}, &wire.Error{Type: wire.Unavailable, Text: "weir stops"}
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := status.New(status.Sources{Lines: waiting}).Answer(ctx, &status.Request{Method: "GET", Path: "/api/v1/tail"})
	if got.Status != http.StatusServiceUnavailable || !strings.Contains(string(got.Body), "weir stops") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

// tailFunc is Lines that only has live lines.
type tailFunc func(context.Context) (wire.Tail, error)

func (f tailFunc) Tail(ctx context.Context, _ wire.TailQuery) (wire.Tail, error) { return f(ctx) }

func (tailFunc) Senders(wire.SendersQuery) (wire.Senders, error) { return wire.Senders{}, nil }

func (tailFunc) Rejects(wire.RejectsQuery, time.Time) wire.Rejects { return wire.Rejects{} }

// The values of Access are the values that the configuration names.
func TestAccessIsKnown(t *testing.T) {
	for access, want := range map[status.Access]bool{"loopback": true, "all": true, "off": true, "": false, "All": false} {
		if access.IsKnown() != want {
			t.Errorf("%q is known: %v", access, !want)
		}
	}
}
