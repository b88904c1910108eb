package expose_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/expose"
	"weir/expose/guard/guardtest"
)

func withProfiles(o *expose.Options) { o.Endpoint.Pprof = true }

func TestProfiles(t *testing.T) {
	x := serve(t, nothing, withProfiles)
	f := func(path string, status int, want string) string {
		t.Helper()
		response, body := x.do(t, "GET", path)
		if response.StatusCode != status || !strings.Contains(body, want) {
			t.Errorf("GET %s = %d %.200q, want %d and %q in it", path, response.StatusCode, body, status, want)
		}
		return body
	}
	f("/debug/pprof", 200, `<a href='heap?debug=1'>`) // after a redirect
	f("/debug/pprof/", 200, `<a href='heap?debug=1'>`)
	f("/debug/pprof/goroutine?debug=1", 200, "goroutine profile: total")
	f("/debug/pprof/nothing", 404, "Unknown profile")
	f("/debug/pprofx", 404, "not found")
	f("/debug/", 404, "not found")
	for _, seconds := range []string{"0", "-1", "301", "nan", "x"} {
		f("/debug/pprof/profile?seconds="+seconds, 400, "want a number above 0, at most 300")
	}
	for path, want := range map[string]string{
		"heap": "inuse_space", "goroutine": "weir/expose", "profile?seconds=1": "nanoseconds",
	} {
		z, err := gzip.NewReader(strings.NewReader(f("/debug/pprof/"+path, 200, "")))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if profile, err := io.ReadAll(z); err != nil || !bytes.Contains(profile, []byte(want)) {
			t.Errorf("%s: %d bytes without %s, %v", path, len(profile), want, err)
		}
	}
	f("/debug/pprof/trace?seconds=0.1", 200, "go 1.")
	if response, _ := x.do(t, "POST", "/debug/pprof/heap"); response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST = %d, want 405", response.StatusCode)
	}
}

// With authentication, who has no token takes no profile.
func TestProfilesAreBehindTheGate(t *testing.T) {
	protected := protect(t)
	x := serve(t, nothing, func(o *expose.Options) {
		protected(o)
		withProfiles(o)
	})
	for _, path := range []string{"/debug/pprof", "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile"} {
		for token, want := range map[string]int{"Basic x": 400, "Bearer bad": 401, "Bearer other": 403} {
			if response, _ := x.do(t, "GET", path, "Authorization", token); response.StatusCode != want {
				t.Errorf("GET %s with %q = %d, want %d", path, token, response.StatusCode, want)
			}
		}
	}
	for token, want := range map[string]int{"good": 403, "looker": 403, "boss": 200} {
		if response, _ := x.do(t, "GET", "/debug/pprof/heap", "Authorization", "Bearer "+token); response.StatusCode != want {
			t.Errorf("with the token %s = %d, want %d", token, response.StatusCode, want)
		}
	}
}

// So it is with the users of a web configuration who are administrators.
func TestProfilesAreForUsers(t *testing.T) {
	ca := guardtest.NewAuthority(t)
	dir := secure(t, ca, "")
	x := serve(t, nothing, func(o *expose.Options) {
		o.Endpoint.WebConfigFile = filepath.Join(dir, "web.yaml")
		o.Authentication.Admins = []string{"alice"}
		withProfiles(o)
	})
	c := client(t, ca)
	for _, path := range []string{"", "/", "/heap", "/cmdline", "/trace?seconds=0.1"} {
		for password, want := range map[string]int{"wrong": 401, "pass": 200} {
			response, err := ask(c, "https://"+x.Addr().String()+"/debug/pprof"+path, password)
			if err != nil || response.StatusCode != want {
				t.Errorf("GET /debug/pprof%s with password %q: %v %v, want %d", path, password, response, err, want)
			}
		}
	}
}

// However a request spells it, no profile is taken for longer than the limit.
func TestProfilesAreBounded(t *testing.T) {
	x := serve(t, nothing, withProfiles)
	for _, query := range []string{
		"?seconds=301", "?%73econds=301", "?x#&seconds=301", "#?seconds=301", "?seconds=1#&seconds=301",
	} {
		c := x.raw(t, "GET /debug/pprof/trace"+query+" HTTP/1.1\r\nHost: x\r\n\r\n")
		if answer, err := bufio.NewReader(c).ReadString('\n'); !strings.Contains(answer, " 400 ") {
			t.Errorf("trace%s: %q, %v, want 400", query, answer, err)
		}
	}
}

// A profile may take longer than a scrape, and is none.
func TestProfilesAreNoScrapes(t *testing.T) {
	duration := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "duration", Buckets: []float64{10}})
	x := prepare(t, nothing, expose.Observers{Duration: duration}, func(o *expose.Options) {
		o.Timeouts.ScrapeTimeout = 100 * time.Millisecond
		withProfiles(o)
	})
	x.start(t)
	for _, path := range []string{"heap", "trace?seconds=0.3", "profile?seconds=1"} {
		if response, body := x.do(t, "GET", "/debug/pprof/"+path); response.StatusCode != 200 || body == "" {
			t.Errorf("GET %s = %d, %d bytes", path, response.StatusCode, len(body))
		}
	}
	x.until(t, "idle", func(s expose.Stats) bool { return s.InFlight == 0 })
	var m dto.Metric
	if err := duration.Write(&m); err != nil || m.Histogram.GetSampleCount() != 0 {
		t.Errorf("%d scrapes observed, want none (%v)", m.Histogram.GetSampleCount(), err)
	}
}

// Close ends a profile that is being taken, rather than wait for it.
func TestCloseEndsProfiles(t *testing.T) {
	x := serve(t, nothing, withProfiles)
	c := x.raw(t, "GET /debug/pprof/trace?seconds=300 HTTP/1.1\r\nHost: x\r\n\r\n")
	x.until(t, "taking a trace", func(s expose.Stats) bool { return s.InFlight == 1 })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := x.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
	if answer, err := bufio.NewReader(c).ReadString('\n'); !strings.Contains(answer, " 200 ") {
		t.Errorf("%q, %v, want what was traced so far", answer, err)
	}
}

func TestProfilesAreClosedByDefault(t *testing.T) {
	x := serve(t, nothing, nil)
	for _, path := range []string{"/debug/pprof", "/debug/pprof/", "/debug/pprof/profile"} {
		if response, _ := x.do(t, "GET", path); response.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", path, response.StatusCode)
		}
	}
}

// Profiles that strangers may take are warned about.
func TestProfilesOpenToAllAreWarnedAbout(t *testing.T) {
	f := func(listen string, want int, change func(*expose.Options)) {
		t.Helper()
		o := expose.DefaultOptions()
		o.Endpoint.Listen = listen
		change(&o)
		var log bytes.Buffer
		registry := aggregate.New(aggregate.DefaultOptions())
		s := expose.NewServer(o, registry, prometheus.NewRegistry(), expose.Observers{}, zerolog.New(&log))
		if err := s.WarnOfProfiles(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(log.String(), "endpoint.pprof"); got != want {
			t.Errorf("%s: %d warnings, want %d: %s", listen, got, want, fmt.Sprint(&log))
		}
	}
	f(":9102", 1, withProfiles)
	f("10.0.0.1:9102", 1, withProfiles)
	f("[::]:9102", 1, withProfiles)
	f("example:9102", 1, withProfiles)
	f("127.0.0.1:9102", 0, withProfiles)
	f("[::1]:9102", 0, withProfiles)
	f("localhost:9102", 0, withProfiles)
	f(":9102", 0, func(*expose.Options) {})
	protected := protect(t)
	f(":9102", 0, func(o *expose.Options) {
		protected(o)
		withProfiles(o)
	})
	dir := secure(t, guardtest.NewAuthority(t), "")
	f(":9102", 0, func(o *expose.Options) {
		o.Endpoint.WebConfigFile = filepath.Join(dir, "web.yaml")
		withProfiles(o)
	})
}
