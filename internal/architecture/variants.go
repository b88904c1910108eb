package architecture

import (
	"go/build"
	"io"
	"slices"
	"strings"
)

// variants returns the names of files in order, once each. All variants of a file for platforms and build
// tags have one name: batch_linux.go and batch_other.go are both batch_*.go.
func variants(files []*File) []string {
	names := make([]string, 0, len(files))
	for _, f := range files {
		names = append(names, variant(f))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func variant(f *File) string {
	stem := strings.TrimSuffix(f.name(), ".go")
	base := stem
	for isForPlatform(base) {
		base = base[:strings.LastIndexByte(base, '_')]
	}
	if base == stem && hasConstraint(f) && strings.Contains(stem, "_") {
		base = base[:strings.LastIndexByte(base, '_')]
	}
	if base == stem {
		return f.name()
	}
	return base + "_*.go"
}

// isForPlatform reports whether a file of this name without .go is built only for one operating system or
// architecture. Such a file misses at least one of two platforms that have nothing in common.
func isForPlatform(stem string) bool {
	anyText := func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package x\n")), nil
	}
	for _, platform := range [][2]string{{"linux", "amd64"}, {"windows", "arm64"}} {
		context := build.Context{GOOS: platform[0], GOARCH: platform[1], OpenFile: anyText}
		if ok, err := context.MatchFile("", stem+".go"); err == nil && !ok {
			return strings.Contains(stem, "_")
		}
	}
	return false
}

// hasConstraint reports whether a //go:build line stands above the package clause.
func hasConstraint(f *File) bool {
	for _, group := range f.syntax.Comments {
		for _, comment := range group.List {
			if comment.Pos() < f.syntax.Package && strings.HasPrefix(comment.Text, "//go:build ") {
				return true
			}
		}
	}
	return false
}
