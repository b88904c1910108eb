package architecture

import (
	"fmt"
	"go/ast"
)

// checkFiles counts the files of a room.
func checkFiles(room *Room, limit int) []Breach {
	names := variants(room.Code)
	if limit == 0 || len(names) <= limit {
		return nil
	}
	return []Breach{{
		Rule: "files", Subject: room.Dir, Place: room.Dir,
		What:   fmt.Sprintf("%d files without tests are more than %d", len(names), limit),
		Remedy: "move files that share no lock with the others into a room of their own",
	}}
}

// checkLines counts the lines of each file.
func checkLines(room *Room, limit int) []Breach {
	var all []Breach
	for _, file := range room.Code {
		if limit > 0 && file.Lines > limit {
			all = append(all, Breach{
				Rule: "lines", Subject: file.Path, Place: file.Path,
				What:   fmt.Sprintf("%d lines are more than %d", file.Lines, limit),
				Remedy: "give one of its nouns a file, and a type, of its own",
			})
		}
	}
	return all
}

// checkStatements counts the statements of each function.
func checkStatements(m *Module, room *Room, limit int) []Breach {
	var all []Breach
	for file, f := range room.functions {
		n := 0
		if f.Body != nil { // otherwise it is written in assembly
			n = statements(f.Body.List)
		}
		if limit == 0 || n <= limit {
			continue
		}
		name := f.Name.Name
		if receiver := receiverOf(f); receiver != "" {
			name = receiver + "." + name
		}
		all = append(all, Breach{
			Rule: "statements", Subject: room.Dir + "." + name,
			Place:  fmt.Sprintf("%s:%d", file.Path, m.line(f.Pos())),
			What:   fmt.Sprintf("%s has %d statements, more than %d", name, n, limit),
			Remedy: "move a step of it into a function of its own",
		})
	}
	return all
}

// statements counts as the linter funlen does: the bodies of function literals count where a statement
// assigns, starts or defers one, and the branches of else do not.
func statements(list []ast.Stmt) int {
	n := 0
	for _, stmt := range list {
		n += 1 + nested(stmt)
	}
	return n
}

// nested counts the statements inside a statement. A block only stands for the statements inside it.
func nested(stmt ast.Stmt) int {
	switch s := stmt.(type) {
	case *ast.BlockStmt:
		return statements(s.List) - 1
	case *ast.ForStmt:
		return statements(s.Body.List)
	case *ast.RangeStmt:
		return statements(s.Body.List)
	case *ast.IfStmt:
		return statements(s.Body.List)
	case *ast.SwitchStmt:
		return statements(s.Body.List)
	case *ast.TypeSwitchStmt:
		return statements(s.Body.List)
	case *ast.SelectStmt:
		return statements(s.Body.List)
	case *ast.CaseClause:
		return statements(s.Body)
	case *ast.AssignStmt:
		return literal(s.Rhs[0])
	case *ast.GoStmt:
		return literal(s.Call.Fun)
	case *ast.DeferStmt:
		return literal(s.Call.Fun)
	default:
		return 0
	}
}

func literal(e ast.Expr) int {
	if f, ok := e.(*ast.FuncLit); ok {
		return statements(f.Body.List)
	}
	return 0
}
