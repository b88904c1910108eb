package wire_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/invopop/jsonschema"
	judge "github.com/santhosh-tekuri/jsonschema/v6"

	"weir/expose/status/wire"
)

var update = flag.Bool("update", false, "write the schemas, and the answers of testdata")

// answers are the types of all answers, by the name of their schema.
var answers = map[string]any{
	"status": wire.Status{}, "buildinfo": wire.BuildInfo{}, "tsdb": wire.TSDB{}, "families": wire.Families{},
	"family": wire.FamilyDetail{}, "series": wire.SeriesList{}, "labels": wire.Labels{}, "rejects": wire.Rejects{},
	"tail": wire.Tail{}, "senders": wire.Senders{}, "listeners": wire.Listeners{}, "scrapers": wire.Scrapers{},
	"config": wire.Config{}, "rules": wire.Rules{}, "explain": wire.Explained{}, "delete": wire.Deleted{},
}

// schemas is the folder of the schemas: they are for clients, too.
const schemas = "../../../docs/schema"

// The schema of each answer is the one that clients were given, and an answer with every field follows it.
func TestSchemas(t *testing.T) {
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(schemas, name+".json")
			schema := indent(t, schemaOf(t, name, reflect.TypeOf(answer)))
			if diff := cmp.Diff(string(golden(t, path, schema)), string(schema)); diff != "" {
				t.Errorf("the schema has changed (-want +got):\n%s", diff)
			}
			example := reflect.New(reflect.TypeOf(answer)).Elem()
			(&filler{}).fill(example, "data")
			text := indent(t, wire.Envelope[any]{Status: "success", Data: example.Interface()})
			if diff := cmp.Diff(string(golden(t, "testdata/"+name+".json", text)), string(text)); diff != "" {
				t.Errorf("the answer has changed (-want +got):\n%s", diff)
			}
			if err := verdict(t, path, text); err != nil {
				t.Errorf("%s\n%v", text, err)
			}
			if err := verdict(t, path, []byte(`{"status": "success", "data": {}}`)); err == nil {
				t.Error("an answer without fields follows the schema")
			}
		})
	}
}

// golden returns a file; with -update it has content from now on.
func golden(t *testing.T, path string, content []byte) []byte {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
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

func indent(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

// schemaOf returns the schema of an answer in its envelope.
func schemaOf(t *testing.T, name string, answer reflect.Type) *jsonschema.Schema {
	t.Helper()
	r := jsonschema.Reflector{Anonymous: true, AllowAdditionalProperties: true} // a later weir tells more
	if err := r.AddGoComments("weir/expose/status/wire", "."); err != nil {
		t.Fatal(err)
	}
	data := r.ReflectFromType(answer)
	addNull(data.Definitions, answer, make(map[reflect.Type]bool))
	properties := jsonschema.NewProperties()
	properties.Set("status", &jsonschema.Schema{Const: "success"})
	properties.Set("data", &jsonschema.Schema{Ref: data.Ref})
	return &jsonschema.Schema{
		Version: jsonschema.Version, Title: "an answer of weir's /api/v1: " + name, Type: "object",
		Properties: properties, Required: []string{"status", "data"}, Definitions: data.Definitions,
	}
}

// addNull allows null where a pointer may be nil.
func addNull(all jsonschema.Definitions, of reflect.Type, done map[reflect.Type]bool) {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || done[of] {
		return
	}
	done[of] = true
	for _, field := range reflect.VisibleFields(of) {
		key, omits, _ := strings.Cut(field.Tag.Get("json"), ",")
		addNull(all, field.Type, done)
		if field.Type.Kind() != reflect.Pointer || omits != "" {
			continue
		}
		if schema, ok := all[of.Name()].Properties.Get(key); ok {
			description := schema.Description
			schema.Description = ""
			all[of.Name()].Properties.Set(key, &jsonschema.Schema{
				Description: description, OneOf: []*jsonschema.Schema{schema, {Type: "null"}},
			})
		}
	}
}

// verdict says what a judge finds wrong with an answer under a schema.
func verdict(t *testing.T, path string, answer []byte) error {
	t.Helper()
	schema, err := judge.NewCompiler().Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	value, err := judge.UnmarshalJSON(bytes.NewReader(answer))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

// filler gives every field of a value a value of its own.
type filler struct{ n int }

func (f *filler) fill(v reflect.Value, key string) {
	f.n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), key)
	case reflect.Struct:
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			f.fill(v.Field(i), name)
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes([]byte(`{"line":"a:1|c"}`))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0), key)
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		f.fill(value, key)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key"), value)
	case reflect.String:
		v.SetString(key + " <b>")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(float64(f.n) + 0.5)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(f.n))
	case reflect.Uint64:
		v.SetUint(uint64(f.n))
	default:
		panic("BUG: no value for " + v.Type().String())
	}
}
