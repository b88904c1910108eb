package glob

import "strings"

// Is reports whether a text is a glob: whether it has a '*' or a '?'.
func Is(text string) bool { return strings.ContainsAny(text, "*?") }

// Match reports whether a glob matches a whole text. It takes time in proportion to the product of the two
// lengths at most, and allocates nothing.
func Match[T ~string | ~[]byte](glob string, text T) bool {
	// The last '*' may take one byte more whenever the rest does not fit; the stars before it need not.
	g, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case g < len(glob) && glob[g] == '*':
			star, from = g, t
			g++
		case g < len(glob) && (glob[g] == '?' || glob[g] == text[t]):
			g++
			t++
		case star >= 0:
			from++
			g, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(glob[g:], "*") == ""
}
