package delivery_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"weir/expose/remote/delivery"
)

func spooling(dir string) func(*delivery.Options) {
	return func(o *delivery.Options) { o.Spool.Dir = dir }
}

// files returns the names of what is in the spool, without its lock.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(filepath.Join(dir, "mimir"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if strings.HasSuffix(f.Name(), ".request") {
			names = append(names, f.Name())
		}
	}
	return names
}

// What the queue cannot hold is on disk, and is sent in order.
func TestSpoolTakesTheOldest(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		x := start(t, func(o *delivery.Options) { o.Spool.Dir, o.QueueBytes = dir, 10 })
		x.set(always(503))
		var want []string
		for i := range 8 {
			want = append(want, fmt.Sprint("block", i))
			x.put(want[i])
			wait(0)
		}
		if s := x.Stats(); s.SpoolBytes == 0 || s.QueueBytes > 20 || len(files(t, dir)) < 5 {
			t.Errorf("%+v with the files %v", s, files(t, dir))
		}
		x.want("80 0 0 0 0 80")
		x.set(nil)
		wait(2 * time.Minute)
		x.wantAccepted(want...)
		x.want("80 80 0 0 0 0")
		if left := files(t, dir); len(left) > 0 {
			t.Errorf("left on disk: %v", left)
		}
		x.close()
	})
}

// A stop keeps on disk what was not sent, and the next start sends it first.
func TestSpoolOverRestart(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		x := start(t, spooling(dir))
		x.set(always(503))
		x.put("a")
		wait(time.Second)
		x.put("b", func(b *delivery.Block) { b.Holds, b.Protocol = delivery.Births, delivery.RemoteWrite1 })
		made := time.Now()
		x.close()
		x.want("20 0 0 0 0 20")
		if n := len(files(t, dir)); n != 2 {
			t.Fatalf("%d files", n)
		}
		y := start(t, spooling(dir))
		if got := y.LastMade(); !got.Equal(made) {
			t.Errorf("last made at %v, want %v", got, made)
		}
		y.put("c")
		wait(0)
		y.wantAccepted("a", "b", "c")
		y.want("30 30 0 0 0 0")
		y.close()
	})
}

// Without a spool a stop drops what was not sent, and says how much.
func TestStopWithoutSpool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := start(t, usual)
		x.set(always(503))
		x.put("a")
		x.close()
		x.want("10 0 0 10 0 0")
		if log := x.log.String(); !strings.Contains(log, `"samples":10`) || !strings.Contains(log, "dropped since the start") {
			t.Errorf("the log: %s", log)
		}
	})
}

// The spool is bounded: the oldest blocks are dropped.
func TestSpoolFull(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		x := start(t, func(o *delivery.Options) { o.Spool.Dir, o.QueueBytes, o.Spool.MaxBytes = dir, 1, 200 })
		x.set(always(503))
		for i := range 20 {
			x.put(fmt.Sprint("block", i))
		}
		s := x.Stats()
		if s.Dropped == 0 || s.Waiting == 0 || s.SpoolBytes > 200 || s.Made != s.Dropped+s.Waiting {
			t.Errorf("%+v", s)
		}
		x.close()
	})
}

// Files that are damaged are removed and told; those of others stay.
func TestSpoolDamaged(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		x := start(t, spooling(dir))
		x.set(always(503))
		x.put("a")
		x.put("b")
		x.close()
		names := files(t, dir)
		folder := filepath.Join(dir, "mimir")
		write := func(name, content string) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write(names[0], "weir request 001\nnonsense")
		write("notes.txt", "mine")
		write("00000000000000000009.request.123.tmp", "half")
		write("00000000000000000010.request", "")
		y := start(t, spooling(dir))
		wait(0)
		y.wantAccepted("b")
		if log := y.log.String(); strings.Count(log, "cannot be read") != 2 {
			t.Errorf("the log: %s", log)
		}
		y.close()
		left, _ := filepath.Glob(filepath.Join(folder, "*"))
		if len(left) != 2 { // the notes and the lock
			t.Errorf("left: %v", left)
		}
	})
}

// Two processes never have one spool, and a folder that cannot be made is told.
func TestSpoolOpen(t *testing.T) {
	dir := t.TempDir()
	x := start(t, spooling(dir))
	defer x.close()
	f := func(dir, want string) {
		t.Helper()
		o := delivery.Options{Name: "mimir", URL: "http://mimir"}
		o.Spool.Dir = dir
		if err := delivery.New(o, zerolog.Nop()).Open(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	f(dir, "spool.dir: another process uses it")
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f(file, "spool.dir: ")
}

// Whatever happens to requests, made = sent + rejected + dropped + unknown + waiting, and each accepted
// request is accepted once, unless its answer was lost.
func TestLedger(t *testing.T) {
	root := t.TempDir()
	runs := 0
	rapid.Check(t, func(r *rapid.T) {
		runs++
		dir := filepath.Join(root, fmt.Sprint(runs))
		codes := rapid.SliceOfN(rapid.SampledFrom([]int{204, 204, 204, 400, 429, 500, 503}), 1, 40).Draw(r, "codes")
		hasSpool, queue := rapid.Bool().Draw(r, "spool"), rapid.Int64Range(1, 60).Draw(r, "queue")
		synctest.Test(t, func(t *testing.T) {
			x := start(t, func(o *delivery.Options) {
				o.QueueBytes, o.Spool.MaxBytes = queue, 400
				if hasSpool {
					o.Spool.Dir = dir
				}
			})
			n := 0
			x.set(func(string) (*http.Response, error) {
				n++
				return status(codes[n%len(codes)]), nil
			})
			for i := range 30 {
				x.put(fmt.Sprint("block", i))
				wait(time.Duration(i%3) * time.Second)
				s := x.Stats()
				if s.Made != s.Sent+s.Rejected+s.Dropped+s.Unknown+s.Waiting || s.Made != uint64(10*(i+1)) {
					t.Fatalf("%+v", s)
				}
			}
			wait(time.Hour)
			if s := x.Stats(); s.Waiting != 0 || s.QueueBytes != 0 || s.SpoolBytes != 0 || s.Sent != uint64(10*len(x.accepted)) {
				t.Fatalf("%+v, accepted %d", s, len(x.accepted))
			}
			seen := map[string]bool{}
			for _, body := range x.accepted {
				if seen[body] {
					t.Fatalf("%s was accepted twice", body)
				}
				seen[body] = true
			}
			x.close()
		})
	})
}
