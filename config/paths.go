package config

import (
	"path/filepath"
	"strconv"
	"strings"

	"weir/internal/mistake"
)

// isPath reports whether the value of the key at path is the path of a file or a socket.
func isPath(path string) bool {
	return strings.HasSuffix(path, "_file") ||
		path == "ingest.unix" || path == "ingest.unixgram" || path == "mapping.file" || path == "state.file"
}

// beside returns the path that a file of configuration gives, which is relative to the folder of that file.
// It is absolute, so that it means the same in every message. Empty, it stays so, and so does @name, which is
// no file.
func beside(file, path string) string {
	if path == "" || strings.HasPrefix(path, "@") {
		return path
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(file), path)
	}
	return absolute(path)
}

// absolute returns the path from the root; as it is, when the working directory is not known.
func absolute(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

// namedFiles are the files that keys name, by path.
type namedFiles map[string]naming

// naming is the key that names a file.
type naming struct {
	key   string
	place mistake.Place // where the key was set
}

// filesOf returns the files that keys of c name. placeOf says where a key was set.
func filesOf(c *Config, placeOf func(path string) mistake.Place) namedFiles {
	files := namedFiles{}
	for _, k := range newSchema().leaves() {
		if file, ok := k.value(c).(string); ok && file != "" && isPath(k.path) {
			files[file] = naming{k.path, placeOf(k.path)}
		}
	}
	return files
}

// locate is [Config.Locate] for one error.
func (f namedFiles) locate(m *mistake.Mistake) *mistake.Mistake {
	file, text := m.Place.Name, *m
	text.Place = mistake.Place{}
	cause := text.Error()
	if file == "" {
		file, cause, _ = strings.Cut(m.Value, ": ")
	}
	by, named := f[file]
	if !named || m.Place.Line > 0 {
		return m
	}
	return &mistake.Mistake{Place: by.place, Path: by.key, Value: strconv.Quote(absolute(file)), Want: cause}
}
