package architecture

import (
	"fmt"
	"slices"
	"strings"
)

// Shape is what a module has agreed on.
type Shape struct {
	// Table has a row for each room; rows of rooms that do not exist yet do no harm.
	Table []Row
	// Limits are the same for every room.
	Limits Limits
	// Reasons say which equal lines must stay, and why.
	Reasons []Reason
}

// Row is the line of one room in the table.
type Row struct {
	// Room is the room's folder.
	Room string
	// Imports are the rooms that it may import, separated by spaces; a/... means a and every room below it.
	Imports string
	// OnlyStd forbids other modules, too: beside rooms, only the standard library may be imported.
	OnlyStd bool
	// Except are names of rules that do not hold for the room, separated by spaces.
	Except string
}

// Limits are numbers of the rules; a rule whose number is 0 does not hold.
type Limits struct {
	Files       int     // of a room, without tests; variants of a file for platforms or build tags count once
	Lines       int     // of a file that is no test
	Statements  int     // of a function that is no test
	MethodFiles int     // over which the methods of a type are spread; variants count once
	TestRatio   float64 // lines of tests for each line of code of a room, at least
	EqualLines  int     // so many equal lines in two places are a breach
}

// Reason says why two files, which may be one, share lines.
type Reason struct {
	// Files are two paths, in order, with a space between them.
	Files string
	// Why is for readers; it must not be empty.
	Why string
}

// Breach is a place that leaves the shape.
type Breach struct {
	// Rule is the name of the rule, as doc.go lists them.
	Rule string
	// Subject is what breaks it: a room, a file, a type, a function, or two of them. Together with the rule
	// it names the breach for as long as the breach exists, since it has no line numbers.
	Subject string
	// Place is a path, with a line where there is one.
	Place string
	// What says what is wrong.
	What string
	// Remedy says what to do.
	Remedy string
}

// String returns the message for the person who wrote the code.
func (b *Breach) String() string {
	return fmt.Sprintf("%s: %s; %s (rule %s)", b.Place, b.What, b.Remedy, b.Rule)
}

// Check returns the breaches in m, room by room, then those between files.
func (s *Shape) Check(m *Module) []Breach {
	var all []Breach
	for _, room := range m.Rooms {
		row := s.row(room)
		if row == nil {
			all = append(all, unknownRoom(room))
			continue
		}
		all = append(all, s.checkRoom(m, room, row)...)
	}
	return append(all, s.checkEqual(m)...)
}

func (s *Shape) row(room *Room) *Row {
	i := slices.IndexFunc(s.Table, func(r Row) bool { return r.Room == room.Dir })
	if i < 0 {
		return nil
	}
	return &s.Table[i]
}

func unknownRoom(room *Room) Breach {
	return Breach{
		Rule: "rooms", Subject: room.Dir, Place: room.Dir,
		What:   "this room is not in the table of rooms",
		Remedy: "add a line that says which rooms it may import",
	}
}

// checkRoom applies all rules that look at one room and that hold for it.
func (s *Shape) checkRoom(m *Module, room *Room, row *Row) []Breach {
	var all []Breach
	add := func(found []Breach) {
		all = append(all, slices.DeleteFunc(found, func(b Breach) bool {
			return slices.Contains(strings.Fields(row.Except), b.Rule)
		})...)
	}
	add(checkImports(m, room, row))
	add(checkFiles(room, s.Limits.Files))
	add(checkLines(room, s.Limits.Lines))
	add(checkStatements(m, room, s.Limits.Statements))
	add(checkMethods(room, s.Limits.MethodFiles))
	add(checkTests(room, s.Limits.TestRatio))
	add(checkDoc(room))
	add(checkExample(room))
	return all
}
