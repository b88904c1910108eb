package architecture

import (
	"fmt"
	"strconv"
	"strings"
)

// checkImports compares the imports of a room, except those of its tests, with its row in the table.
func checkImports(m *Module, room *Room, row *Row) []Breach {
	var all []Breach
	for _, file := range room.Code {
		for _, spec := range file.syntax.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				panic(fmt.Sprintf("BUG: the parser let an import of %s pass: %v", spec.Path.Value, err))
			}
			if b := checkImport(m, room, row, imported); b != nil {
				b.Place = fmt.Sprintf("%s:%d", file.Path, m.line(spec.Pos()))
				all = append(all, *b)
			}
		}
	}
	return all
}

// checkImport returns a breach without a place, or nil.
func checkImport(m *Module, room *Room, row *Row, imported string) *Breach {
	b := Breach{Rule: "imports", Subject: room.Dir + " -> " + imported}
	target, isRoom := strings.CutPrefix(imported, m.Path+"/")
	switch {
	case isRoom && !row.allows(target):
		b.Subject = room.Dir + " -> " + target
		b.What = fmt.Sprintf("%s must not import %s: its row in the table allows %s",
			room.Dir, target, row.allowed())
		b.Remedy = "move what both need into a room below them, or let the room above pass it in"
	case !isRoom && row.OnlyStd && !isStd(imported):
		b.What = fmt.Sprintf("%s must not import %s: beside rooms it imports only the standard library",
			room.Dir, imported)
		b.Remedy = "do without that module here, or move the code that needs it"
	default:
		return nil
	}
	return &b
}

func (r *Row) allows(room string) bool {
	for name := range strings.FieldsSeq(r.Imports) {
		above, hasBelow := strings.CutSuffix(name, "/...")
		if room == above || hasBelow && strings.HasPrefix(room, above+"/") {
			return true
		}
	}
	return false
}

func (r *Row) allowed() string {
	if r.Imports == "" {
		return "no room"
	}
	return "only " + strings.Join(strings.Fields(r.Imports), ", ")
}

// isStd tells packages of the standard library by the first element of their paths, which has no dot.
func isStd(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}
