package status

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/cespare/xxhash/v2"

	"weir/config"
	"weir/expose/status/wire"
)

// Config returns the configuration in force. It reads the files of the configuration, to see whether they
// have changed.
func Config(c *config.Config) wire.Config {
	answer := wire.Config{Settings: []wire.Setting{}, Notes: c.Notes()}
	for _, s := range c.Settings() {
		answer.Settings = append(answer.Settings, wire.Setting{
			Key: s.Key, Value: s.Value, Default: s.Default, IsDefault: s.IsDefault,
			Source: string(s.Origin), Place: s.Place, Secret: s.IsSecret,
		})
	}
	if answer.Notes == nil {
		answer.Notes = []string{}
	}
	answer.Files = filesOf(c)
	answer.ChangedOnDisk = slices.ContainsFunc(answer.Files, isChanged)
	return answer
}

// HasChanged reports whether a file of the configuration has changed since it was read. It reads them all.
func HasChanged(c *config.Config) bool { return slices.ContainsFunc(filesOf(c), isChanged) }

func isChanged(f wire.ConfigFile) bool { return f.Changed }

// filesOf reads the files of the configuration, and returns which of them have changed.
func filesOf(c *config.Config) []wire.ConfigFile {
	all, files := []wire.ConfigFile{}, c.Files()
	for _, path := range slices.Sorted(maps.Keys(files)) {
		file := wire.ConfigFile{Path: path}
		content, err := os.ReadFile(path)
		if err != nil {
			file.Error = reasonOf(err)
		}
		file.Changed = err != nil || xxhash.Sum64(content) != files[path]
		all = append(all, file)
	}
	return all
}

// reasonOf returns the cause of an error of a file, without its path.
func reasonOf(err error) string {
	if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
		return wrapped.Err.Error()
	}
	return err.Error()
}
