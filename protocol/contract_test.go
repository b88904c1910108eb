//go:build !race

package protocol_test

import (
	"os/exec"
	"strings"
	"testing"
	"unsafe"

	"weir/protocol"
)

// No line may cost an allocation, whatever its shape; only values that are nearly numbers do.
func TestDecodeAllocatesNothing(t *testing.T) {
	d := protocol.Decoder{MaxLine: 1000}
	f := func(datagram string) {
		t.Helper()
		b := []byte(datagram)
		if got := testing.AllocsPerRun(100, func() { count(&d, b) }); got != 0 {
			t.Errorf("decoding %q allocates %v times", datagram, got)
		}
	}
	f("a:1|c")
	f("a:12.5|ms|@0.1|#k:v,bare")
	f("a:1:2:x:3|ms|@0.5\nb:1|c:2|g:x:y|s\r\n")
	f("a:1:2:3|ms|@0.5\nns:foo:5|g\nA::B.c:1|c\na:" + strings.Repeat("1.5:2e3:", 100) + "1|c")
	f("a:123456789012345678901234567890.5e-3|g\nb:0x1p-4|g\nc:-Infinity|g\nd:nan|g")
	f("a\n:1|c\na:1\na:1|x\na:x|c\na:1|c|@2\n" + strings.Repeat("x", 2000))
	f("a:1|c|c:abc|T1|e:it-x|#a|#b||")
	f("a:1|c|T1x|Tx|T\n_e{1,1}:a|b|d:1x\n_e{1x,1}:a|b")
	f("a:x:y|c|@2\na:1:2.5:1e3:-7|g:9007199254740993|h")
	f("_e{5,4}:title|te|t|t:error|p:low|d:12|#a:b\n_sc|name|2|h:x|#a:b|m:mes|sage\n_e{9,9}:x\n_e1,2}:a|b\n_sc|x|7")
}

func TestNextTagAllocatesNothing(t *testing.T) {
	tags := []byte("a:1,b,,c:3:4,")
	got := testing.AllocsPerRun(100, func() {
		next := protocol.DogStatsD.NextTag
		for key, _, rest := next(tags); key != nil; key, _, rest = next(rest) {
		}
	})
	if got != 0 {
		t.Errorf("splitting tags allocates %v times", got)
	}
}

// The decoder writes a sample for every value: it is three cache lines at most.
func TestSampleSize(t *testing.T) {
	if got := unsafe.Sizeof(protocol.Sample{}); got > 3*64 {
		t.Errorf("a Sample has %d bytes, want at most %d", got, 3*64)
	}
}

// What is called for every line and costs less than its call is inlined.
func TestInlining(t *testing.T) {
	out, err := exec.Command("go", "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Skipf("no compiler to ask: %v", err)
	}
	for _, name := range []string{"(*Decoder).Reset", "(*Decoder).Sample", "(*Decoder).setNumber", "readKind", "isSign"} {
		if !strings.Contains(string(out), "can inline "+name+"\n") {
			t.Errorf("%s is not inlined", name)
		}
	}
}
