package explore

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"sort"

	"weir/aggregate/label"
)

// cursor is the place of the last item of a page. Names and labels may be very long, and a cursor stands in a
// URL, so it has only the beginning of them, and a hash to tell texts with the same beginning apart.
type cursor struct {
	// Order is what the list is sorted by: a cursor of another order is of no use.
	Order string `json:"o"`
	// Key is the number that the list is sorted by first, largest first.
	Key float64 `json:"k,omitempty"`
	// Name is that of the family, Labels the label set of the series.
	Name   string `json:"n,omitempty"`
	Labels string `json:"l,omitempty"`
	// ID is that of both, whole. IsCut says that the text that the list is sorted by is longer than here.
	ID    label.ID `json:"i,omitempty"`
	IsCut bool     `json:"c,omitempty"`
}

// cursorBytes is how much of a name, and of labels, is in a cursor.
const cursorBytes = 256

// newCursor returns the cursor of an item; labels is empty for a family.
func newCursor(order string, key float64, name string, labels label.Labels) *cursor {
	c := &cursor{
		Order: order, Key: key, Name: beginning(name), Labels: beginning(labels.Text()), ID: labels.ID(name),
	}
	c.IsCut = len(c.text()) < len(cmp.Or(labels.Text(), name))
	return c
}

// beginning returns the part of a text that is in a cursor.
func beginning(text string) string { return label.Beginning(text, cursorBytes) }

// String returns the cursor as a client sends it back.
func (c *cursor) String() string {
	text, _ := json.Marshal(c) // numbers and text
	return base64.RawURLEncoding.EncodeToString(text)
}

// parseCursor reads a cursor of a list with an order; nil for the first page.
func parseCursor(text, order string) (*cursor, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // the first page has no cursor
	}
	c := &cursor{}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(plain, c)
	}
	if err != nil || c.Order != order {
		return nil, badData("after is no cursor of this list: leave it out for the first page")
	}
	return c, nil
}

// text returns what a list of families, or of the series of one family, is sorted by.
func (c *cursor) text() string { return cmp.Or(c.Labels, c.Name) }

// searchAfter returns the index in items, sorted by their text, of the first one behind an item: the one
// whose text begins with a text, and, where a cursor has not all of that, with an ID. When it is gone, it is
// the first one that could stand in its place.
func searchAfter[T any](items []T, last string, textOf func(*T) string, isLast func(*T) bool) int {
	first := sort.Search(len(items), func(i int) bool { return beginning(textOf(&items[i])) >= last })
	for i := first; i < len(items) && beginning(textOf(&items[i])) == last; i++ {
		if isLast(&items[i]) {
			return i + 1
		}
	}
	return first
}
