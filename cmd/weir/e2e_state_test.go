package main_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/bench/process"
)

func (e e2e) testState(t *testing.T) {
	t.Run("kill", e.testStateKill)
	t.Run("kill while starting", e.testStateKillStarting)
	t.Run("restart", e.testStateRestart)
	t.Run("other configuration", e.testStateOtherConfiguration)
	t.Run("other types", e.testStateOtherTypes)
	t.Run("unusable file", e.testStateUnusable)
	t.Run("no file", e.testStateNoFile)
	t.Run("disk gone", e.testStateDiskGone)
	t.Run("in use", e.testStateInUse)
	t.Run("disk", e.testStateDisk)
}

// keptLines have every kind, folded series, samples at a rate and values whose sums are not exact.
const keptLines = "kept.hits:3|c|#path:/a\nkept.hits:1|c|@0.3|#path:/b\nkept.hits:0.1:0.2|c|#path:/c d\\e\n" +
	"kept.hits:5|c|#path:/f\nkept.hits:7|c|#path:/g\nkept.hits:2.5|c\nkept.meter:4|m\n" +
	"kept.level:7.25|g\nkept.level:-1|g|#side:left\n" +
	"kept.time:1:20:300:4000:50000|ms\nkept.time:7|ms|@0.25\nkept.time:-3:0|ms|#path:/a\nkept.time:1|ms|#path:/b\n" +
	"kept.time:2|ms|#path:/c\nkept.time:3|ms|#path:/d\nkept.time:4|ms|#path:/e\n" +
	"kept.size:1e-300:1e300|h\nkept.size:17:18:19|d|#route:x\n" +
	"kept.users:alice:bob|s\nkept.users:carol|s|#site:x\nkept.users:dave|s|#site:y\nkept.users:erin|s|#site:z\n" +
	"_sc|redis|2|#host:a\n"

// What weir exposes is the same before and after a clean restart on the same ports, except quantiles, which are of later
// observations; and it goes on from there.
func (e e2e) testStateRestart(t *testing.T) {
	for _, observer := range []string{"histogram", "native", "both", "summary"} {
		t.Run(observer, func(t *testing.T) {
			t.Parallel() // most of it is waiting for weir to stop
			args := []string{
				"--state.file=" + filepath.Join(t.TempDir(), "state"), "--state.interval=24h", "--sets.window=1h",
				"--timers.observer=" + observer, "--timers.buckets=0.001,0.005,0.5,5", "--timers.quantiles=0.5,0.99",
				"--cardinality.overflow_action=fold", "--cardinality.max_series_per_metric=3",
			}
			first := e.startWeir(t, args...)
			first.take(t, "tcp", keptLines)
			first.take(t, "tcp", keptLines)
			first.take(t, "udp", keptLines)
			before := first.scrape(t)
			process.MustStop(t, first.Process)

			second := first.restart(t)
			after := second.scrape(t)
			if diff := cmp.Diff(before.users(), after.users()); diff != "" {
				t.Errorf("a restart changes the exposition (-before +after):\n%s", diff)
			}
			if got, want := after.values["weir_series"], before.values["weir_series"]; got != want || got < 15 {
				t.Errorf("weir_series = %v, want %v, and at least 15", got, want)
			}
			second.take(t, "tcp", keptLines)
			if err := second.scrape(t).compare(map[string]float64{
				`kept_hits{path="/a"}`: 12, `kept_hits{weir_overflow="true"}`: 59.2, `kept_meter`: 16,
				`kept_level{side="left"}`: -4, `kept_time_count{path="/a"}`: 8,
				`kept_size_sum{route="x"}`: 4 * (17 + 18 + 19), `kept_users`: 1, `kept_users{weir_overflow="true"}`: 2,
				`weir_service_check_status{check="redis",host="a"}`:   2,
				`weir_cardinality_overflow_total{metric="kept_hits"}`: 5,
			}); err != nil {
				t.Error(err)
			}
		})
	}
}

// take sends lines over a network and waits until weir has taken and shown them: an exposition tells weir's own
// counts last, so it may count lines that it does not show yet.
func (w *weir) take(t *testing.T, network, lines string) {
	t.Helper()
	const taken = "weir_lines_received_total"
	want := w.scrape(t).sum(taken) + float64(strings.Count(lines, "\n"))
	c := w.dial(t, network)
	send(t, c, lines)
	eventually(t, func() error {
		if got := w.scrape(t).sum(taken); got != want {
			return fmt.Errorf("%v lines taken, want %v", got, want)
		}
		return nil
	})
	w.scrape(t)
}

// users returns what senders made of the page: all but weir's own families, and quantiles.
func (p *page) users() string {
	var kept strings.Builder
	for line := range strings.Lines(string(p.text)) {
		name := strings.TrimPrefix(strings.TrimPrefix(line, "# HELP "), "# TYPE ")
		own := strings.HasPrefix(name, "weir_") && !strings.HasPrefix(name, "weir_service_check_status")
		if !own && !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") &&
			!strings.Contains(line, `quantile="`) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// restart returns a weir that has the state of one with other flags, which was sent lines.
func (e e2e) restart(t *testing.T, lines string, before, after []string) *weir {
	t.Helper()
	state := []string{"--state.file=" + filepath.Join(t.TempDir(), "state"), "--state.interval=24h"}
	first := e.startWeir(t, append(before, state...)...)
	first.take(t, "tcp", lines)
	process.MustStop(t, first.Process)
	return e.startMortal(t, append(after, state...)...)
}

// A histogram of another configuration is shown as it was until the first sample. Then it starts from zero with the new
// settings, because the two cannot be added up.
func (e e2e) testStateOtherConfiguration(t *testing.T) {
	const lines = "old.time:250|ms\nold.time:250|ms|#path:/a\nold.hits:5|c\n"
	f := func(before, after string, want map[string]float64, gone ...string) {
		t.Helper()
		t.Run(before+" then "+after, func(t *testing.T) {
			t.Parallel()
			w := e.restart(t, lines, strings.Fields(before), strings.Fields(after))
			if err := w.scrape(t).compare(map[string]float64{
				`old_time_count`: 1, `old_time_count{path="/a"}`: 1, `old_hits`: 5,
			}); err != nil {
				t.Errorf("before the first sample: %v", err)
			}
			w.take(t, "tcp", "old.time:1500|ms\nold.hits:1|c\n")
			p := w.scrape(t)
			want["old_hits"], want["old_time_count"], want["old_time_sum"], want["weir_series"] = 6, 1, 1.5, 2
			if err := errors.Join(p.compare(want), p.balance()); err != nil {
				t.Error(err)
			}
			for _, series := range append(gone, `old_time_count{path="/a"}`) {
				if value, found := p.values[series]; found {
					t.Errorf("%s = %v is still there", series, value)
				}
			}
			if rejected := p.sum("weir_samples_rejected_total"); rejected != 0 {
				t.Errorf("%v samples rejected", rejected)
			}
		})
	}
	f("", "--timers.buckets=1,2", map[string]float64{
		`old_time_bucket{le="1"}`: 0, `old_time_bucket{le="2"}`: 1,
	}, `old_time_bucket{le="0.5"}`)
	f("--timers.buckets=1,2", "--timers.observer=summary --timers.quantiles=0.5", map[string]float64{},
		`old_time_bucket{le="1"}`)
	f("--timers.observer=summary", "--timers.observer=both --timers.buckets=1", map[string]float64{
		`old_time_bucket{le="1"}`: 0, `old_time_bucket{le="+Inf"}`: 1,
	}, `old_time{quantile="0.5"}`)
	f("--timers.observer=native", "", map[string]float64{`old_time_bucket{le="2.5"}`: 1})
	f("--timers.observer=summary", "--timers.observer=summary --timers.quantiles=0.9", map[string]float64{},
		`old_time{quantile="0.5"}`)
}

// What a state remembers of a name is not in the way of a program that now sends another type under it, or whose
// exposition uses it.
func (e e2e) testStateOtherTypes(t *testing.T) {
	changes := []struct {
		before, now string
		want        string // series
		value       float64
	}{
		{"a:5|c", "a:7|g", "a", 7},
		{"b:5|g", "b:7|c", "b", 7},
		{"c:5|g", "c:y|s", "c", 1},
		{"d:5|c|#k:v", "d:250|ms", "d_count", 1},
		{"e:250|ms", "e:2|c", "e", 2},
		{"f_count:5|c", "f:250|ms", "f_count", 1},
		{"g:250|ms", "g_sum:2|c", "g_sum", 2},
		{"h:250|ms", "h_bucket:2|ms", "h_bucket_count", 1},
		{"i:5|c", "i:2|c", "i", 7},
	}
	var before, now strings.Builder
	want := map[string]float64{"weir_series": float64(len(changes))}
	for _, c := range changes {
		fmt.Fprintln(&before, c.before)
		fmt.Fprintln(&now, c.now)
		want[c.want] = c.value
	}
	w := e.restart(t, before.String(), nil, nil)
	w.take(t, "tcp", now.String())
	p := w.scrape(t)
	if err := errors.Join(p.compare(want), p.balance()); err != nil {
		t.Errorf("%v\n%s", err, p.users())
	}
	w.take(t, "tcp", "a:1|c\nf_count:1|c\n") // these were confirmed: conflicts, as ever
	if got := w.scrape(t).values[`weir_samples_rejected_total{reason="type_conflict"}`]; got != 2 {
		t.Errorf("%v samples in conflict, want 2", got)
	}
}

// A file that cannot be used is set aside with a warning, and weir starts without series.
func (e e2e) testStateUnusable(t *testing.T) {
	good := filepath.Join(t.TempDir(), "state")
	w := e.startWeir(t, "--state.file="+good, "--state.interval=24h")
	w.take(t, "tcp", "old:5|c\n")
	process.MustStop(t, w.Process)
	saved := mustRead(t, good)
	f := func(name, content, message, end string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "state")
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			args := []string{"--state.file=" + file, "--state.interval=24h"}
			w := e.startWeir(t, args...)
			for _, want := range []string{`"level":"warn"`, message, "it is now " + file + end} {
				if !strings.Contains(w.Log(), want) {
					t.Errorf("no %q in the log:\n%s", want, w.Log())
				}
			}
			if got := mustRead(t, file+end); got != content {
				t.Errorf("state%s is %q, want %q", end, got, content)
			}
			if got := w.scrape(t).values["weir_series"]; got != 0 {
				t.Errorf("%v series came of it", got)
			}
			w.take(t, "tcp", "new:7|c\n")
			process.MustStop(t, w.Process)
			w = e.startMortal(t, args...)
			if err := w.scrape(t).compare(map[string]float64{"new": 7, "weir_series": 1}); err != nil {
				t.Errorf("after another restart: %v", err)
			}
		})
	}
	f("empty", "", "cut short", ".bad")
	f("cut short", saved[:len(saved)-1], "its checksum is wrong", ".bad")
	f("damaged", strings.Replace(saved, "old", "odd", 1), "its checksum is wrong", ".bad")
	f("foreign", strings.Repeat("{\"series\": []}\n", 10), "it does not begin with", ".bad")
	f("newer", strings.Replace(saved, "weir state 002", "weir state 003", 1), "its version is 003, the newest known is 002",
		".version-003")
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// A path that is no regular file, or where no file can be written, is an error at the start.
func (e e2e) testStateNoFile(t *testing.T) {
	dir := t.TempDir()
	f := func(path, message string) {
		t.Helper()
		e.wantFailure(t, message, "--ingest.udp=127.0.0.1:0", "--ingest.tcp=127.0.0.1:0", "--endpoint.listen=127.0.0.1:0",
			"--log.format=json", "--state.file="+path)
	}
	f(dir, "state.file: "+dir+" is not a regular file")
	f(os.DevNull, os.DevNull+" is not a regular file")
	f(filepath.Join(dir, "missing", "state"), "no such file or directory")
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	f(pipe, "is not a regular file")
	if os.Getuid() == 0 {
		t.Log("not tried: a directory that may not be written to; root may")
		return
	}
	closed := filepath.Join(dir, "closed")
	if err := os.Mkdir(closed, 0o500); err != nil {
		t.Fatal(err)
	}
	f(filepath.Join(closed, "state"), "permission denied")
}

// A disk that is gone is an error at the start, as long as it lasts while weir runs, and of the stop. It costs no state
// that was saved before, or shown. Here the directory of the file goes, and comes back. A full disk is a case of internal/durable.
func (e e2e) testStateDiskGone(t *testing.T) {
	disk := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(disk, "state")
	args := []string{"--state.file=" + file, "--state.interval=100ms"}
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	goes := func() { t.Helper(); move(disk, disk+" away") }
	comesBack := func() { t.Helper(); move(disk+" away", disk) }
	const gone = "no such file or directory"

	w := e.startWeir(t, args...)
	w.take(t, "tcp", "old:5|c\n")
	goes()
	eventually(t, func() error {
		if failures := w.scrape(t).values["weir_state_failures_total"]; failures < 1 {
			return fmt.Errorf("%v failures", failures)
		}
		// It is counted before it is logged.
		if log := w.Log(); !strings.Contains(log, `"level":"error"`) || !strings.Contains(log, gone) {
			return fmt.Errorf("no %q in the log:\n%s", gone, log)
		}
		return nil
	})
	comesBack()
	saved := w.scrape(t).values["weir_state_saves_total"]
	eventually(t, func() error {
		if w.scrape(t).values["weir_state_saves_total"] <= saved {
			return errors.New("not saved again")
		}
		return nil
	})
	process.MustStop(t, w.Process)

	goes()
	e.wantFailure(t, gone, append(args,
		"--ingest.udp=127.0.0.1:0", "--ingest.tcp=127.0.0.1:0", "--endpoint.listen=127.0.0.1:0")...)
	comesBack()

	w = e.startMortal(t, "--state.file="+file, "--state.interval=24h")
	w.take(t, "tcp", "old:1|c\n")
	goes()
	if _ = w.Stop(); w.ExitCode() != 1 || !strings.Contains(w.Log(), gone) { // the exit code says what Stop does
		t.Errorf("exit code %d, want 1, and %q in:\n%s", w.ExitCode(), gone, w.Log())
	}
	comesBack()

	w = e.startWeir(t, args...)
	if err := w.scrape(t).compare(map[string]float64{"old": 6}); err != nil {
		t.Error(err)
	}
}

// A second weir with the file of another one does not start, and says which one that is. After a kill the next one does.
func (e e2e) testStateInUse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state")
	args := []string{"--state.file=" + file, "--state.interval=24h"}
	w := e.startMortal(t, args...)
	w.take(t, "tcp", "old:5|c\n")
	e.wantFailure(t, "load state.file: another process uses it: pid ", append(args,
		"--ingest.udp=127.0.0.1:0", "--ingest.tcp=127.0.0.1:0", "--endpoint.listen=127.0.0.1:0")...)
	w.Kill()
	w = e.startWeir(t, args...)
	if err := w.scrape(t).compare(map[string]float64{"old": 5}); err != nil {
		t.Error(err)
	}
}
