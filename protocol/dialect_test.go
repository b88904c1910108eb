package protocol_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/protocol"
)

func tagsOf(d protocol.Dialects, tags []byte) string {
	var got []string
	for key, value, rest := d.NextTag(tags); key != nil; key, value, rest = d.NextTag(rest) {
		if value == nil {
			got = append(got, string(key))
		} else {
			got = append(got, string(key)+"→"+string(value))
		}
	}
	return strings.Join(got, " ")
}

func TestNextTag(t *testing.T) {
	f := func(d protocol.Dialects, tags, want string) {
		t.Helper()
		if got := tagsOf(d, []byte(tags)); got != want {
			t.Errorf("tags of %q in %v = %q, want %q", tags, d.Names(), got, want)
		}
	}
	f(protocol.DogStatsD, "", "")
	f(protocol.DogStatsD, ",,", "")
	f(protocol.DogStatsD, "a:1", "a→1")
	f(protocol.DogStatsD, "a", "a")
	f(protocol.DogStatsD, "a:", "a→")
	f(protocol.DogStatsD, ":1", "→1")
	f(protocol.DogStatsD, "a:1:2", "a→1:2")
	f(protocol.DogStatsD, "a:1,b,,c:3,", "a→1 b c→3")
	f(protocol.DogStatsD, "#a:1,#b:2,#", "a→1 b→2")
	f(protocol.DogStatsD, "a=1", "a=1")
	for _, d := range []protocol.Dialects{protocol.InfluxDB, protocol.Librato, protocol.SignalFX} {
		f(d, "a=1,b,,c=3=4,", "a→1 b c→3=4")
		f(d, "a:1", "a:1")
		f(d, "#a=1", "#a→1")
	}
	f(protocol.Graphite, "a=1;b;;c=3,4;", "a→1 b c→3,4")
}

func TestSplitName(t *testing.T) {
	f := func(on protocol.Dialects, name, want string) {
		t.Helper()
		s := protocol.SplitName([]byte(name), on)
		got := fmt.Sprintf("%s|%s|%s|%s", s.Name, s.NameEnd, tagsOf(s.Dialect, s.Tags), strings.Join(s.Dialect.Names(), " "))
		if got != want {
			t.Errorf("SplitName(%q) with %v = %q, want %q", name, on.Names(), got, want)
		}
	}
	all := protocol.AllDialects
	f(all, "a.b", "a.b|||")
	f(all, "a,k=v,l=w", "a||k→v l→w|influxdb")
	f(all, "a#k=v,l=w", "a||k→v l→w|librato")
	f(all, "a;k=v;l=w", "a||k→v l→w|graphite")
	f(all, "na[k=v,l=w]me", "na|me|k→v l→w|signalfx")
	f(all, "[k=v]me", "|me|k→v|signalfx")
	f(all, "a[]b", "a|b||signalfx")
	f(all, "a,k=v#x;y", "a||k→v#x;y|influxdb")
	f(all, "a#k=v;x", "a||k→v;x|librato")
	f(all, "a]k=v[", "a]k=v[|||")
	f(all, "a[k=v", "a[k=v|||")
	f(all, "a[b,k=v", "a[b||k→v|influxdb")
	f(all, ",k=v", "||k→v|influxdb")
	f(all, "", "|||")
	f(all&^protocol.InfluxDB, "a,k=v", "a,k=v|||")
	f(all&^protocol.InfluxDB, "a,k=v#l=w", "a,k=v||l→w|librato")
	f(all&^protocol.SignalFX, "a[k=v]", "a[k=v]|||")
	f(all&^protocol.Librato, "a#k=v", "a#k=v|||")
	f(protocol.DogStatsD, "a;b,c#d[e=f]", "a;b,c#d[e=f]|||")
}

func TestDialectNames(t *testing.T) {
	for _, name := range protocol.AllDialects.Names() {
		d := protocol.ParseDialect(name)
		if got := d.Names(); len(got) != 1 || got[0] != name {
			t.Errorf("ParseDialect(%q) is called %v", name, got)
		}
	}
	if got := protocol.ParseDialect("statsd"); got != 0 {
		t.Errorf("an unknown dialect is %v", got.Names())
	}
}

// The tags of a line mean the same in every dialect.
func FuzzDialects(f *testing.F) {
	f.Add("a.name", "k", "v", "l", "w")
	f.Add("a", "key.x", "", "", "w:x")
	f.Fuzz(func(t *testing.T, name, key1, value1, key2, value2 string) {
		if name == "" || strings.ContainsAny(name+key1+value1+key2+value2, "#,;[]=:|\n\r") {
			return
		}
		render := func(prefix, separator, equals, suffix string) string {
			return prefix + key1 + equals + value1 + separator + key2 + equals + value2 + suffix
		}
		want := tagsOf(protocol.DogStatsD, []byte(render("", ",", ":", "")))
		for _, line := range []string{
			name + render(",", ",", "=", ""), name + render("#", ",", "=", ""), name + render(";", ";", "=", ""),
			name + render("[", ",", "=", "]"), render("[", ",", "=", "]") + name,
			name[:1] + render("[", ",", "=", "]") + name[1:],
		} {
			s := protocol.SplitName([]byte(line), protocol.AllDialects)
			if got := tagsOf(s.Dialect, s.Tags); got != want || string(s.Name)+string(s.NameEnd) != name {
				t.Fatalf("%q is %q %q with tags %q, want %q with %q", line, s.Name, s.NameEnd, got, name, want)
			}
		}
	})
}
