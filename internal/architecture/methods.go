package architecture

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strings"
)

// checkMethods counts the files over which the methods of each type are spread.
func checkMethods(room *Room, limit int) []Breach {
	if limit == 0 {
		return nil
	}
	count := make(map[string]int)
	files := make(map[string][]*File)
	for file, f := range room.functions {
		if receiver := receiverOf(f); receiver != "" {
			count[receiver]++
			files[receiver] = append(files[receiver], file)
		}
	}
	var all []Breach
	for _, name := range slices.Sorted(maps.Keys(files)) {
		spread := variants(files[name])
		if len(spread) <= limit {
			continue
		}
		all = append(all, Breach{
			Rule: "methods", Subject: room.Dir + "." + name, Place: room.Dir,
			What: fmt.Sprintf("the %d methods of %s are spread over %d files (%s), more than %d",
				count[name], name, len(spread), strings.Join(spread, ", "), limit),
			Remedy: "move them into the file of the type, or give a part of it a type of its own",
		})
	}
	return all
}

// receiverOf returns the name of the type whose method f is, empty when f is none.
func receiverOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	expr := f.Recv.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.ParenExpr:
			expr = e.X
		case *ast.StarExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}
