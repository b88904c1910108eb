package label_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"weir/aggregate/label"
)

func TestAppendName(t *testing.T) {
	f := func(name, end, want string) {
		t.Helper()
		if got := string(label.AppendName([]byte("x"), []byte(name), []byte(end))); got != "x"+want {
			t.Errorf("AppendName(%q, %q) = %q, want %q", name, end, got, want)
		}
	}
	f("a.b", "", "a_b")
	f("a:b", "", "a:b")
	f("a--b", "", "a_b")
	f("1a", "", "_1a")
	f("", "1", "_1")
	f("a-", "-b", "a_b")
	f("ünï", "", "_n_")
	f("\xff\xfe", "", "__")
	f("", "", "")
}

func TestAppendKey(t *testing.T) {
	f := func(key, want, wantUTF8 string) {
		t.Helper()
		legacy := label.AppendKey(nil, []byte(key), label.ReservedInObservers)
		if got := string(legacy); got != want {
			t.Errorf("AppendKey(%q) = %q, want %q", key, got, want)
		}
		if got := string(label.AppendUTF8Key(nil, []byte(key), legacy)); got != wantUTF8 {
			t.Errorf("AppendUTF8Key(%q) = %q, want %q", key, got, wantUTF8)
		}
	}
	f("code", "code", "code")
	f("http.method", "http_method", `"http.method"`)
	f("a:b", "a_b", `"a:b"`)
	f("le", "exported_le", "exported_le")
	f("quantile", "exported_quantile", "exported_quantile")
	f("__name__", "exported___name__", "exported___name__")
	f("-_x", "exported___x", `"exported_-_x"`)
	f("a\"b\\c\n", "a_b_c_", "a_b_c_")
}

// A counter or a gauge may have the labels that only histograms and summaries have of Prometheus.
func TestAppendKeyReservedInAll(t *testing.T) {
	f := func(key, want, wantUTF8 string) {
		t.Helper()
		legacy := label.AppendKey(nil, []byte(key), label.ReservedInAll)
		if got := string(legacy); got != want {
			t.Errorf("AppendKey(%q) = %q, want %q", key, got, want)
		}
		if got := string(label.AppendUTF8Key(nil, []byte(key), legacy)); got != wantUTF8 {
			t.Errorf("AppendUTF8Key(%q) = %q, want %q", key, got, wantUTF8)
		}
	}
	f("le", "le", "le")
	f("quantile", "quantile", "quantile")
	f("__name__", "exported___name__", "exported___name__")
	f("-_x", "exported___x", `"exported_-_x"`)
}

func TestAppendValue(t *testing.T) {
	f := func(v label.Values, value, want string) {
		t.Helper()
		if got := string(v.Append(nil, []byte(value))); got != want {
			t.Errorf("%+v.Append(%q) = %q, want %q", v, value, got, want)
		}
	}
	all := label.Values{MaxRunes: 5, AllowUnicode: true}
	f(all, "abcde", "abcde")
	f(all, "abcdef", "abcde...")
	f(all, "a\nb\x00c\u0085", "abc")
	f(all, `a"\`, `a\"\\`)
	f(all, "äöüßé!", "äöüßé...")
	f(all, "\xff", "\ufffd")
	f(label.Values{MaxRunes: 5}, "aä\xff", "a??")
}

// Whatever a sender writes, names are legal and values can stand between quotes.
func TestSanitisedIsLegal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.Byte(), 1, 30).Draw(t, "text")
		legacy := label.AppendKey(nil, text, label.ReservedInObservers)
		value := label.Values{MaxRunes: 10, AllowUnicode: true}.Append(nil, text)
		labels, err := label.ParseText(string(label.Append(nil, legacy, value)))
		if err != nil && len(value) > 0 {
			t.Fatalf("%q made %q and %q: %v", text, legacy, value, err)
		}
		if len(value) > 0 && strings.HasPrefix(string(legacy), "__") {
			t.Fatalf("%s is reserved", labels)
		}
		utf8Key := label.AppendUTF8Key(nil, text, legacy)
		utf8Labels, err := label.ParseText(string(label.Append(nil, utf8Key, []byte("v"))))
		if err != nil {
			t.Fatalf("%q made %q: %v", text, utf8Key, err)
		}
		for name := range utf8Labels.All() {
			if again := label.AppendKey(nil, []byte(name), label.ReservedInObservers); string(again) != string(legacy) || !utf8.ValidString(name) {
				t.Fatalf("%q made %q, whose legacy name is %q, want %q", text, name, again, legacy)
			}
		}
	})
}

func TestLosesLetters(t *testing.T) {
	f := func(name string, want bool) {
		t.Helper()
		if got := label.LosesLetters([]byte(name)); got != want {
			t.Errorf("LosesLetters(%q) = %t, want %t", name, got, want)
		}
	}
	f("", false)
	f("web.hits-1/2:x 3", false)
	f("a→b", false)
	f("ünï", true)
	f("a.счётчик", true)
	f("x²", true)
	f("e\u0301", true)
	f("a\xff", true)
}
