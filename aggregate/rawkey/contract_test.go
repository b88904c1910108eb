//go:build !race

package rawkey_test

import (
	"hash/maphash"
	"os/exec"
	"strings"
	"testing"

	"weir/aggregate/rawkey"
)

func TestFindAllocatesNothing(t *testing.T) {
	seed := maphash.MakeSeed()
	keys := rawkey.NewArena(seed)
	var table rawkey.Table[int]
	name, tags := []byte("a.name"), []byte("a:1,b:2,c")
	key := rawkey.New(seed, name, tags)
	table.Insert(&key, new(int), &keys)
	if got := testing.AllocsPerRun(100, func() {
		key := rawkey.New(seed, name, tags)
		if table.Find(&key, &keys) == nil {
			t.Fatal("not found")
		}
	}); got != 0 {
		t.Errorf("a hit allocates %v times", got)
	}
}

// What is called for every sample and costs less than its call is inlined. A contract test of aggregate holds
// the same of the tables that shards have.
func TestInlining(t *testing.T) {
	out, err := exec.Command("go", "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Skipf("no compiler to ask: %v", err)
	}
	for _, name := range []string{"New", "(*Arena).Peek"} {
		if !strings.Contains(string(out), "can inline "+name+"\n") {
			t.Errorf("%s is not inlined", name)
		}
	}
}
