package busy

type list[T any] struct{ items []T }

// each has five statements: the loop, the condition, the call, the deferred call and the statement inside it.
func (l *list[T]) each(f func(T) bool) {
	defer func() {
		clear(l.items)
	}()
	for _, item := range l.items {
		if !f(item) {
			break
		} else {
			f(item) // funlen does not count it
		}
	}
}

// choose has six: the switch, two cases, a statement in each, and the last.
func choose(n int) int {
	switch n {
	case 1:
		n++
	default:
		n--
	}
	return n
}

// four is long enough.
func four() {
	a := 1
	b := a
	{
		a = b
	}
	_ = a
}
