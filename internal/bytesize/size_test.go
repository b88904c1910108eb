package bytesize_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/internal/bytesize"
)

func ExampleParse() {
	size, err := bytesize.Parse("1024KiB")
	fmt.Println(int(size), size, err)
	_, err = bytesize.Parse("4MB")
	fmt.Println(err)
	// Output:
	// 1048576 1MiB <nil>
	// "4MB": want a size like 4MiB, 64KiB or 512B
}

func TestParse_Success(t *testing.T) {
	f := func(text string, want bytesize.Size, written string) {
		t.Helper()
		got, err := bytesize.Parse(text)
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %d, %v, want %d", text, got, err, want)
		}
		if got.String() != written {
			t.Errorf("%d is written %q, want %q", got, got, written)
		}
	}
	f("4MiB", 4*bytesize.MiB, "4MiB")
	f("64KiB", 64*bytesize.KiB, "64KiB")
	f("1GiB", bytesize.GiB, "1GiB")
	f("512B", 512, "512B")
	f("65535", 65535, "65535B")
	f(" 8 KiB ", 8*bytesize.KiB, "8KiB")
	f("0", 0, "0B")
	f("1024KiB", bytesize.MiB, "1MiB")
	f("2147483647", math.MaxInt32, "2147483647B")
}

func TestParse_Failure(t *testing.T) {
	texts := []string{
		"", "MiB", "-1", "1.5MiB", "4MB", "4mib", "99999999999", "4GiB", "2GiB", "2147483648", "2048MiB", "x", "1KiBB",
	}
	for _, text := range texts {
		size := bytesize.Size(7)
		err := size.UnmarshalText([]byte(text))
		if err == nil || !strings.Contains(err.Error(), "want a size") || size != 7 {
			t.Errorf("UnmarshalText(%q) gave %d, %v, want an error and 7 unchanged", text, size, err)
		}
	}
}

// What is written is read back as the same size, whatever the unit.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := bytesize.Size(rapid.IntRange(0, math.MaxInt32).Draw(t, "bytes"))
		text, err := want.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var got bytesize.Size
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Fatalf("UnmarshalText(%s) gave %d, %v, want %d", text, got, err, want)
		}
	})
}
