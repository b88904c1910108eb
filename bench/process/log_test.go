package process

import (
	"bytes"
	"strings"
	"testing"
)

// Of a long log the end is kept, and lines that were dropped are not read.
func TestRecordKeepsTheEnd(t *testing.T) {
	r := newRecord()
	write := func(text string) {
		t.Helper()
		if n, err := r.Write([]byte(text)); n != len(text) || err != nil {
			t.Fatal(n, err)
		}
	}
	write("first\n")
	write(strings.Repeat(strings.Repeat("a", 99)+"\n", maxLog/100))
	write("last\n")
	if got := r.String(); len(got) > maxLog || !strings.HasSuffix(got, "a\nlast\n") {
		t.Errorf("%d bytes are kept, want at most %d, and the end", len(got), maxLog)
	}
	if got := r.tail(); len(got) != maxTail || !strings.HasSuffix(got, "a\nlast\n") {
		t.Errorf("%d bytes are shown, want %d, and the end", len(got), maxTail)
	}
	line, found, _ := r.nextLine()
	if !found || strings.Trim(line, "a") != "" {
		t.Errorf("the first line is %q, want one of those kept", line)
	}
}

// A line is read when it is whole.
func TestRecordLines(t *testing.T) {
	r := newRecord()
	_, _ = r.Write([]byte("one\ntw")) // never fails
	if line, found, _ := r.nextLine(); !found || line != "one" {
		t.Errorf("line %q, %t, want one", line, found)
	}
	line, found, more := r.nextLine()
	if found {
		t.Errorf("line %q is there before its end", line)
	}
	select {
	case <-more:
		t.Error("more is there before it was written")
	default:
	}
	_, _ = r.Write(bytes.Repeat([]byte("o\n"), 2))
	<-more
	if line, _, _ := r.nextLine(); line != "two" {
		t.Errorf("line %q, want two", line)
	}
}
