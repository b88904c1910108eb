package tap_test

import (
	"os"
	"strings"
	"testing"

	"weir/ingest/tap"
)

func TestPrograms(t *testing.T) {
	now, names, reads := int64(1000), map[int32]string{1: "one"}, 0
	p := tap.NewPrograms(func() int64 { return now })
	p.SetRead(func(pid int32) string {
		reads++
		return names[pid]
	})
	f := func(pid int32, want string, wantReads int) {
		t.Helper()
		if got := p.Name(pid); got != want || reads != wantReads {
			t.Errorf("the program of process %d is %q after %d reads, want %q after %d", pid, got, reads, want, wantReads)
		}
	}
	f(0, "", 0)
	f(1, "one", 1)
	f(1, "one", 1)
	f(2, "", 2)
	f(2, "", 2)
	now += 10
	names[1] = "another"
	f(1, "another", 3) // the system gave the id to another process
	now += 10
	delete(names, 1)
	f(1, "another", 4) // it has ended
	for pid := range int32(5000) {
		p.Name(10 + pid)
	}
	f(1, "", 5005) // forgotten: there were too many
}

func TestProgramOfProcess(t *testing.T) {
	want, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Skipf("no /proc: %v", err)
	}
	p := tap.NewPrograms(func() int64 { return 1000 })
	if got := p.Name(int32(os.Getpid())); got != strings.TrimSpace(string(want)) || got == "" {
		t.Errorf("this program is %q, want %q", got, want)
	}
	if got := p.Name(1 << 30); got != "" { // more than the kernel has
		t.Errorf("a process that does not exist runs %q", got)
	}
}
