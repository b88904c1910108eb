package mistake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// List collects the mistakes that a Validate function finds. The zero List is empty.
type List struct {
	// Section is put in front of all keys, with a dot; empty for none.
	Section string

	all []*Mistake
}

// Check adds a mistake in the value of a key unless ok. A text is shown in quotes. Want says what is allowed,
// like "want 1 to 9".
func (l *List) Check(ok bool, key string, value any, want string) {
	if ok {
		return
	}
	shown := fmt.Sprint(value)
	if text, isText := value.(string); isText {
		shown = Quote(text)
	}
	l.Add(key, shown, want)
}

// OneOf adds a mistake unless the value of a key is one of the allowed words.
func (l *List) OneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		l.Add(key, Show(value), "want "+Or(allowed))
	}
}

// Add adds a mistake. Wrong is the bad value or what is wrong with it, want is what is allowed or what to do.
func (l *List) Add(key, wrong, want string) {
	if l.Section != "" {
		key = l.Section + "." + key
	}
	l.all = append(l.all, &Mistake{Path: key, Value: wrong, Want: want})
}

// Err returns the mistakes joined in the order in which they were added; nil when there are none.
func (l *List) Err() error { return Join(l.all) }

// Or writes words as "a, b or c".
func Or(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// maxShown is how many characters of a bad value a message repeats.
const maxShown = 60

// Quote writes a text in quotes, as in Go; a long one is cut.
func Quote(text string) string {
	if r := []rune(text); len(r) > maxShown {
		return strconv.Quote(string(r[:maxShown])) + "..."
	}
	return strconv.Quote(text)
}

// Show writes a text for the middle of a message: as it is when that cannot be misread, otherwise as Quote
// does.
func Show(text string) string {
	if text == "" || len([]rune(text)) > maxShown || strings.ContainsFunc(text, misleads) {
		return Quote(text)
	}
	return text
}

// misleads reports whether a message with r in a bare value could be misread.
func misleads(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("+-._/~*${}", r)
}
