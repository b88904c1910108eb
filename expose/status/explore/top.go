package explore

import (
	"cmp"
	"slices"
	"strings"

	"weir/aggregate/label"
)

// ranked is an item of a list that is sorted by a number, largest first, and then by a text: by what a cursor
// has of it, and by the ID where that is not all of it.
type ranked[T any] struct {
	key  float64
	text string
	id   label.ID // 0 when a cursor has all of the text
	item T
}

// rank returns an item for a list. The text is the name of a family, or of a series, whose family has a name,
// its labels.
func rank[T any](key float64, name string, labels label.Labels, item T) ranked[T] {
	x := ranked[T]{key: key, text: cmp.Or(labels.Text(), name), item: item}
	if len(x.text) > cursorBytes {
		x.text, x.id = beginning(x.text), labels.ID(name)
	}
	return x
}

func (x *ranked[T]) compare(y *ranked[T]) int {
	return cmp.Or(cmp.Compare(y.key, x.key), strings.Compare(x.text, y.text), cmp.Compare(x.id, y.id))
}

// isAfter reports whether x comes after the item of a cursor; nil stands for the beginning.
func (x *ranked[T]) isAfter(c *cursor) bool {
	if c == nil {
		return true
	}
	last := ranked[T]{key: c.Key, text: c.text()}
	if c.IsCut {
		last.id = c.ID
	}
	return x.compare(&last) > 0
}

// top keeps the first items of a list, whatever order they are added in: a heap that has the last of them on
// top.
type top[T any] struct {
	most  int
	items []ranked[T]
	after *cursor // items up to there are left out
	more  bool    // there are more than are kept
}

// mayTake reports whether add may keep an item with a key, when all items before it were added in the order
// of their texts: then others need not be looked at closer.
func (t *top[T]) mayTake(key float64) bool {
	if len(t.items) < t.most {
		return true
	}
	last := &t.items[0]
	if key > last.key || key == last.key && last.id != 0 { // items with an ID are in another order
		return true
	}
	t.more = true
	return false
}

// add adds an item.
func (t *top[T]) add(x ranked[T]) {
	if !x.isAfter(t.after) {
		return
	}
	if len(t.items) < t.most {
		t.items = append(t.items, x)
		t.up(len(t.items) - 1)
		return
	}
	t.more = true
	if x.compare(&t.items[0]) < 0 {
		t.items[0] = x
		t.down(0)
	}
}

func (t *top[T]) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if t.items[parent].compare(&t.items[i]) >= 0 {
			return
		}
		t.items[i], t.items[parent] = t.items[parent], t.items[i]
		i = parent
	}
}

func (t *top[T]) down(i int) {
	for {
		last := i
		for _, child := range [...]int{2*i + 1, 2*i + 2} {
			if child < len(t.items) && t.items[last].compare(&t.items[child]) < 0 {
				last = child
			}
		}
		if last == i {
			return
		}
		t.items[i], t.items[last] = t.items[last], t.items[i]
		i = last
	}
}

// sorted returns the items in their order. The heap is used up.
func (t *top[T]) sorted() []ranked[T] {
	slices.SortFunc(t.items, func(x, y ranked[T]) int { return x.compare(&y) })
	return t.items
}
