package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"pgregory.net/rapid"

	"weir/config"
)

// keys returns every key by path with the kind of its value, as the help has it.
func keys(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	mustParse(t).VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			all[f.Name] = f.Value.Type()
		}
	})
	return all
}

// nest writes a key at path with a value as YAML; the value is in the last line.
func nest(path, value string) (yaml string, line int) {
	segments := strings.Split(path, ".")
	for i, s := range segments {
		yaml += strings.Repeat("  ", i) + s + ":"
		if i < len(segments)-1 {
			yaml += "\n"
		}
	}
	return yaml + " " + value + "\n", len(segments)
}

func environName(path string) string {
	return "WEIR__" + strings.ToUpper(strings.ReplaceAll(path, ".", "__"))
}

func writeFile(t testing.TB, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "weir.yaml")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// onlyMistake returns the only mistake of Load.
func onlyMistake(t *testing.T, from config.Sources) string {
	t.Helper()
	_, err := config.Load(from)
	if err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("Load(%q) = %v, want one mistake", from.Environ, err)
		return ""
	}
	return err.Error()
}

// Every key of a file refuses a value of the wrong kind, at its line.
func TestEveryKeyRefusesWrongKinds(t *testing.T) {
	wrong := map[string][]string{ // in a file
		"text": {"5", "[a]", "{a: b}", "true"}, "bool": {"1", "yes", "'true'", "[true]", "{a: b}"},
		"int": {"1.5", "'1'", "many", "[1]", "{a: b}"}, "number": {"many", "'1'", "[1]", ".nan", ".inf"},
		"duration": {"5", "0", "soon", "[5s]", "'5'"}, "size": {"1.5", "4MB", "-1", "[1]", "4GiB"},
		"list": {"5", "true", "{a: b}", "[[a]]", "[5]"}, "numbers": {"a", "'1'", "{a: b}", "[[1]]", "[a]"},
	}
	for path, kind := range keys(t) {
		if len(wrong[kind]) == 0 {
			t.Errorf("%s is of the unknown kind %s", path, kind)
		}
		for _, value := range wrong[kind] {
			if path == "endpoint.listen" && value == "5" {
				continue // a port
			}
			yaml, line := nest(path, value)
			file := writeFile(t, yaml)
			want := fmt.Sprintf("%s:%d: %s", file, line, path)
			if got := onlyMistake(t, config.Sources{File: file}); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s: got %q, want it to begin with %q", path, value, got, want)
			}
		}
	}
}

// So it does in the environment and as a flag, where any text is a text: all at once.
func TestEveryVariableAndFlagRefusesWrongKinds(t *testing.T) {
	var environ, args, want []string
	for path, kind := range keys(t) {
		if kind == "text" || kind == "list" {
			continue
		}
		environ, args = append(environ, environName(path)+"=x y"), append(args, "--"+path+"=x y")
		want = append(want, environName(path)+`: "x y": want `, "--"+path+`: "x y": want `)
	}
	_, err := config.Load(config.Sources{Environ: environ, Flags: mustParse(t, args...)})
	if err == nil {
		t.Fatal("no mistakes")
	}
	got := strings.Split(err.Error(), "\n")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A slip in the last segment of a key is corrected, in a file and in the environment.
func TestEverySlipIsCorrected(t *testing.T) {
	for path := range keys(t) {
		slip := path[:len(path)-1] // the last letter is missing
		if strings.HasSuffix(slip, ".") {
			continue
		}
		yaml, line := nest(slip, "5")
		file := writeFile(t, yaml)
		want := fmt.Sprintf("%s:%d: %s: unknown key: did you mean %s?", file, line, slip, path)
		if got := onlyMistake(t, config.Sources{File: file}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		want = fmt.Sprintf("%s: unknown key: did you mean %s?", environName(slip), environName(path))
		if got := onlyMistake(t, config.Sources{Environ: []string{environName(slip) + "=5"}}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A key that belongs into a section is told where it belongs.
func TestEveryKeyIsNested(t *testing.T) {
	for path := range keys(t) {
		file := writeFile(t, "\n"+path+": 5\n")
		segments := strings.Split(path, ".")
		want := fmt.Sprintf("%s:2: %s: unknown key: want it nested, %s: ...%s", file, path,
			strings.Join(segments, ": {"), strings.Repeat("}", len(segments)-1))
		if got := onlyMistake(t, config.Sources{File: file}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// choices are keys with values that are allowed together.
func choices() map[string][]string {
	return map[string][]string{
		"ingest.loops": {"1", "2", "3"}, "ingest.max_line": {"1KiB", "4096", "1MiB"}, "cache.enabled": {"true", "false"},
		"cache.ttl": {"0s", "5s", "1m"}, "cache.max_size": {"0", "64MiB", "1GiB"}, "compression.level": {"1", "9"},
		"rate_limiting.requests_per_second": {"0.5", "10"}, "endpoint.path": {"/a", "/b"},
		"timers.native.bucket_factor": {"1.5", "2"}, "collectors.llm.enabled": {"true", "false"},
		"log.level": {"debug", "error"}, "series.exemplar_tags": {"a", "b"}, "timers.buckets": {"1", "2.5"},
	}
}

// Whatever sources set a key, the last of them wins, key by key: the file, the environment, the flags.
func TestLastSourceWins(t *testing.T) {
	all := choices()
	paths := make([]string, 0, len(all))
	for path := range all {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		var file, want []string
		var environ, args []string
		for _, path := range paths {
			winner := ""
			draw := func(source string) (value string, set bool) {
				set = rapid.Bool().Draw(rt, source+" sets "+path)
				if set {
					winner = rapid.SampledFrom(all[path]).Draw(rt, source+" "+path)
				}
				return winner, set
			}
			if value, set := draw("file"); set {
				if strings.HasSuffix(path, "_tags") || strings.HasSuffix(path, "buckets") {
					value = "[" + value + "]"
				}
				file = append(file, strings.ReplaceAll(path, ".", ": {")+": "+value+strings.Repeat("}", strings.Count(path, ".")))
			}
			if value, set := draw("environment"); set {
				environ = append(environ, environName(path)+"="+value)
			}
			if value, set := draw("flag"); set {
				args = append(args, "--"+path+"="+value)
			}
			if winner != "" {
				want = append(want, environName(path)+"="+winner)
			}
		}
		name := filepath.Join(dir, "weir.yaml")
		if err := os.WriteFile(name, []byte(bySection(file)), 0o600); err != nil {
			rt.Fatal(err)
		}
		got := mustLoad(t, config.Sources{File: name, Environ: environ, Flags: mustParse(t, args...)})
		if d := diff(got, mustLoad(t, config.Sources{Environ: want})); d != "" {
			rt.Fatalf("file %q, environment %q, flags %q: got-, want+:\n%s", file, environ, args, d)
		}
	})
}

// bySection joins lines "section: {key: value}" of one section, since a section may be given once.
func bySection(lines []string) string {
	bodies, names := map[string][]string{}, []string{}
	for _, line := range lines {
		name, body, _ := strings.Cut(line, ": {")
		if bodies[name] == nil {
			names = append(names, name)
		}
		bodies[name] = append(bodies[name], strings.TrimSuffix(body, "}"))
	}
	var all strings.Builder
	for _, name := range names {
		fmt.Fprintf(&all, "%s: {%s}\n", name, strings.Join(bodies[name], ", "))
	}
	return all.String()
}

// A value that is of the right kind but not allowed is told at the place that set it last.
func TestMistakesOfValidateHaveTheirPlace(t *testing.T) {
	bad := map[string]string{
		"ingest.loops": "257", "ingest.max_line": "1B", "cache.ttl": "1h", "cache.max_size": "2047MiB", "compression.level": "12",
		"endpoint.path": "metrics", "series.ttl": "1ms", "sets.window": "1ms", "state.interval": "1ms", "log.level": "loud",
		"timers.native.max_buckets": "0", "authentication.jwt.leeway": "1h", "rate_limiting.burst_size": "0",
	}
	for path, value := range bad {
		yaml, line := nest(path, value)
		file := writeFile(t, yaml)
		variable := environName(path)
		f := func(from config.Sources, want string) {
			t.Helper()
			if got := onlyMistake(t, from); !strings.HasPrefix(got, want+": ") || !strings.Contains(got, ": want ") {
				t.Errorf("%s: %s: got %q, want it to begin with %q", path, value, got, want)
			}
		}
		f(config.Sources{File: file}, fmt.Sprintf("%s:%d: %s", file, line, path))
		f(config.Sources{File: file, Environ: []string{variable + "=" + value}}, variable)
		f(config.Sources{File: file, Environ: []string{variable + "=" + value}, Flags: mustParse(t, "--"+path+"="+value)}, "--"+path)
	}
}

// A section of the environment or a list with an empty element is no mistake; an empty file changes nothing.
func TestCommentedOutSections(t *testing.T) {
	var all strings.Builder
	sections := map[string]bool{}
	for path := range keys(t) {
		name, _, _ := strings.Cut(path, ".")
		if !sections[name] {
			sections[name] = true
			fmt.Fprintf(&all, "%s:\n  # all keys are comments\n", name)
		}
	}
	got := mustLoad(t, config.Sources{File: writeFile(t, all.String())})
	if d := diff(got, config.Default()); d != "" {
		t.Errorf("got-, want+:\n%s", d)
	}
	if len(got.Files()) != 1 {
		t.Errorf("Files() = %v, want the one file", got.Files())
	}
}

// The sum of a file is that of its bytes, so that a later change of it is seen; the mapping file has one too.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	rules, file := filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "weir.yaml")
	write := func(path, content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(rules, "mappings: []\n")
	write(file, "mapping: {file: "+rules+"}\n")
	load := func() map[string]uint64 { return mustLoad(t, config.Sources{File: file}).Files() }
	first := load()
	if len(first) != 2 || first[rules] == first[file] {
		t.Errorf("Files() = %v, want two files with sums of their own", first)
	}
	write(rules, "mappings: [] # the same rules, other bytes\n")
	if second := load(); second[file] != first[file] || second[rules] == first[rules] {
		t.Errorf("Files() = %v after a change of the rules, before %v", second, first)
	}
	if files := mustLoad(t, config.Sources{}).Files(); len(files) != 0 {
		t.Errorf("Files() without any = %v", files)
	}
	c := mustLoad(t, config.Sources{File: file})
	clear(c.Files())
	if len(c.Files()) != 2 {
		t.Error("Files() gave away its map")
	}
	write(rules, "mappings: [{match: a..b, name: n}]")
	if got := onlyMistake(t, config.Sources{File: file}); !strings.HasPrefix(got, rules+":1: mappings[0].match: a..b") {
		t.Errorf("a bad mapping file: %q", got)
	}
	if err := os.Remove(rules); err != nil {
		t.Fatal(err)
	}
	if got := onlyMistake(t, config.Sources{File: file}); got != fmt.Sprintf("%s:1: mapping.file: %q: no such file or directory", file, rules) {
		t.Errorf("a missing mapping file: %q", got)
	}
}
