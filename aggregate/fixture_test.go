package aggregate_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/testing/protocmp"

	"weir/aggregate"
	"weir/expose/format"
	"weir/expose/page"
)

var update = flag.Bool("update", false, "write what the state files of testdata are restored to")

// A state file of any earlier version is restored to the exposition that the weir of that version restored
// it to. testdata/state has a NAME.state for each version of the format, which the weir of the commit NAME
// wrote, and beside it the expositions: NAME.text, and NAME.proto, which has native buckets and created
// timestamps too. NAME.txt says how the file was made.
func TestStateFixtures(t *testing.T) {
	files, err := filepath.Glob("testdata/state/*.state")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d state files, %v", len(files), err)
	}
	for _, file := range files {
		run := func(t *testing.T) { // in a bubble, whose time is before that of any file
			t.Helper()
			registry := restoreFixture(t, file)
			base := strings.TrimSuffix(file, ".state")
			text := exposition(t, registry, format.EncodingText)
			if diff := cmp.Diff(string(golden(t, base+".text", text)), string(text)); diff != "" {
				t.Errorf("the text differs (-want +got):\n%s", diff)
			}
			got := families(t, exposition(t, registry, format.EncodingProtobuf))
			want := parseFamilies(t, golden(t, base+".proto", printFamilies(got)))
			if diff := cmp.Diff(want, got, protocmp.Transform(), cmpopts.EquateNaNs()); diff != "" {
				t.Errorf("the messages differ (-want +got):\n%s", diff)
			}
		}
		t.Run(filepath.Base(file), func(t *testing.T) { synctest.Test(t, run) })
	}
}

// restoreFixture returns a registry with the series of a state file, at the time at which that was saved.
func restoreFixture(t *testing.T, file string) *aggregate.Registry {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	copied := aggregate.StateFile{Path: filepath.Join(t.TempDir(), "state")} // one that cannot be used is renamed
	if err := os.WriteFile(copied.Path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	options := aggregate.DefaultOptions()
	options.Sanitize.Names, options.Sets.Window = aggregate.NamesUTF8, time.Hour
	options.Series.CounterBirth = aggregate.BirthZero
	registry := aggregate.New(options)
	const head = len("weir state 001\n")
	registry.Tick(time.Unix(int64(binary.LittleEndian.Uint64(content[head:])), 0))
	restored, err := copied.Load(registry)
	if err != nil || restored.Skipped > 0 {
		t.Fatalf("restored %+v, %v, want everything", restored, err)
	}
	return registry
}

// exposition returns what a scrape shows of a registry.
func exposition(t *testing.T, registry *aggregate.Registry, encoding format.Encoding) []byte {
	t.Helper()
	now := time.Now()
	response, err := page.New(page.Options{}, page.Source{Registry: registry}).
		Get(page.Request{Encoding: encoding, Escaping: format.EscapeNothing}, now, now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	response.Deadline = now.Add(time.Minute)
	var b bytes.Buffer
	if _, err := response.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// golden returns a file; with -update it has content from now on.
func golden(t *testing.T, path string, content []byte) []byte {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// families returns the messages of an exposition in protobuf.
func families(t *testing.T, text []byte) (all []*dto.MetricFamily) {
	t.Helper()
	for r := bytes.NewReader(text); ; {
		f := new(dto.MetricFamily)
		if err := protodelim.UnmarshalFrom(r, f); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
}

// printFamilies returns messages as text, separated by empty lines.
func printFamilies(all []*dto.MetricFamily) []byte {
	var b bytes.Buffer
	for _, f := range all {
		b.WriteString(prototext.Format(f) + "\n")
	}
	return b.Bytes()
}

// parseFamilies reads what printFamilies returned.
func parseFamilies(t *testing.T, text []byte) (all []*dto.MetricFamily) {
	t.Helper()
	for part := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
		f := new(dto.MetricFamily)
		if err := prototext.Unmarshal([]byte(part), f); err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}
