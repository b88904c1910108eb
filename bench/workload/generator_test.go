package workload_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"weir/bench/workload"
	"weir/protocol"
)

// everything is a spec that uses all there is.
func everything(seed uint64) workload.Spec {
	return workload.Spec{
		Seed: seed, Series: 700, Tags: 3, Mix: workload.EveryKind(), SampledShare: 0.3, PackedShare: 0.2,
	}
}

func generate(spec workload.Spec, lines int) []string {
	g := workload.New(spec)
	all := make([]string, lines)
	for i := range all {
		all[i] = string(g.AppendLine(nil))
	}
	return all
}

// A change of the stream for a seed changes every number measured with it: say so in the commit.
func TestLines(t *testing.T) {
	want := []string{
		"auth.logins:2|c|#endpoint:/account,status:201,service:reports",
		"memory.heap_bytes:3338|g|#endpoint:/checkout,status:204,service:media",
		"emails.sent:1|c|#endpoint:/payments,status:404,service:pricing",
		"db.queries:9:1:3:6|c|@0.5|#endpoint:/payments,status:400,service:media",
		"db.query.time:2746|ms|#endpoint:/api/v1/events,status:400,service:shipping",
		"users.active:user-427|s|#endpoint:/api/v1/users,status:429,service:reviews",
	}
	got := generate(workload.Spec{Seed: 1, Series: 20, Tags: 3, SampledShare: 0.5, PackedShare: 0.5}, len(want))
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("line %d = %q, want %q", i, got[i], want[i])
		}
	}
}

func TestEqualSpecsGiveEqualLines(t *testing.T) {
	one, two := generate(everything(7), 5000), generate(everything(7), 5000)
	for i := range one {
		if one[i] != two[i] {
			t.Fatalf("line %d = %q, then %q", i, one[i], two[i])
		}
	}
	other := generate(everything(8), 5000)
	if strings.Join(one, "\n") == strings.Join(other, "\n") {
		t.Error("seeds 7 and 8 give equal lines")
	}
}

// However long the pieces a stream is taken in, it is the same stream.
func TestDatagramsAreTheLines(t *testing.T) {
	lines := generate(everything(3), 3000)
	g := workload.New(everything(3))
	var buffer []byte
	for i := 0; i < len(lines)-50; {
		maxLines, maxBytes := 1+i%40, 100+i%1400
		buffer = g.AppendDatagram(append(buffer[:0], "before"...), maxLines, maxBytes)
		datagram := string(buffer[len("before"):])
		n := strings.Count(datagram, "\n") + 1
		if want := strings.Join(lines[i:i+n], "\n"); datagram != want {
			t.Fatalf("datagram at line %d = %q, want %q", i, datagram, want)
		}
		if n > maxLines || n > 1 && len(datagram) > maxBytes {
			t.Fatalf("datagram has %d lines, %d bytes, want at most %d, %d", n, len(datagram), maxLines, maxBytes)
		}
		if full := len(datagram) + len("\n") + len(lines[i+n]); n < maxLines && full <= maxBytes {
			t.Fatalf("datagram has %d bytes, one line more would fit: %d of %d", len(datagram), full, maxBytes)
		}
		if i += n; g.Count().Lines != uint64(i) {
			t.Fatalf("%d lines counted, want %d: a line that is held was not sent", g.Count().Lines, i)
		}
	}
}

// Every series is in every run of so many lines once; all are distinct, and a name has one kind, also after
// sanitising.
func TestSeriesAreDistinct(t *testing.T) {
	f := func(spec workload.Spec) {
		t.Helper()
		g := workload.New(spec)
		kinds, names := make(map[string]string), make(map[string]string)
		for round := range 2 {
			seen := make(map[string]bool)
			for range spec.Series {
				l := mustParse(t, string(g.AppendLine(nil)))
				identity, exposed := l.name+"|"+l.tags, sanitise(l.name)
				if seen[identity] {
					t.Fatalf("%+v: %s is in round %d twice", spec, identity, round)
				}
				seen[identity] = true
				if kind, found := kinds[exposed]; found && kind != l.kind {
					t.Fatalf("%+v: %s has the kinds %s and %s", spec, exposed, kind, l.kind)
				}
				if name, found := names[exposed]; found && name != l.name {
					t.Fatalf("%+v: %s and %s are one name", spec, name, l.name)
				}
				kinds[exposed], names[exposed] = l.kind, l.name
				if tags := strings.Count(l.tags, ":"); tags != spec.Tags {
					t.Fatalf("%+v: %s has %d tags", spec, identity, tags)
				}
			}
		}
		for name := range kinds {
			for _, suffix := range []string{"_sum", "_count", "_bucket", "_total"} {
				if strings.HasSuffix(name, suffix) {
					t.Errorf("%s ends in a suffix of other families", name)
				}
			}
		}
	}
	for tags := range workload.MaxTags + 1 {
		f(workload.Spec{Series: 1, Tags: tags})
		f(workload.Spec{Series: 1000, Tags: tags, Mix: workload.EveryKind()})
	}
	f(workload.Spec{Series: 10_000, Tags: 0, Mix: workload.EveryKind()})
	f(workload.Spec{Series: 10_000, Tags: 1, Mix: workload.CountersOnly()})
	f(workload.Spec{Series: 10_000, Tags: 3})
}

// No family may exceed weir's default limit on the series of one.
func TestFamiliesStaySmall(t *testing.T) {
	g := workload.New(workload.Spec{Series: 50_000, Tags: 2, Mix: workload.CountersOnly()})
	for range 50_000 {
		g.AppendLine(nil)
	}
	for name, family := range g.Expected() {
		if len(family.Series) > 1000 {
			t.Errorf("%s has %d series, want at most 1000", name, len(family.Series))
		}
	}
}

func TestMix(t *testing.T) {
	f := func(series int, mix workload.Mix, want string) {
		t.Helper()
		counts := make(map[string]int)
		for _, line := range generate(workload.Spec{Series: series, Tags: 1, Mix: mix}, series) {
			counts[mustParse(t, line).kind]++
		}
		got := ""
		for kind := range protocol.NumKinds {
			if n := counts[kind.String()]; n > 0 {
				got += fmt.Sprintf("%d%v ", n, kind)
			}
		}
		if got = strings.TrimSpace(got); got != want {
			t.Errorf("%d series of mix %v = %q, want %q", series, mix, got, want)
		}
	}
	f(1000, workload.Mix{}, "600c 150g 200ms 50s")
	f(1000, workload.EveryKind(), "500c 150g 200ms 50h 50d 50s")
	f(1000, workload.CountersOnly(), "1000c")
	f(4, workload.RealisticMix(), "1c 1g 1ms 1s")
	f(2, workload.RealisticMix(), "1c 1ms")
	f(10, workload.Mix{protocol.KindSet: 1, protocol.KindCounter: 1000}, "9c 1s")
}

func TestShares(t *testing.T) {
	sampled, packed, counters, packable := 0, 0, 0, 0
	const lines = 50_000
	for _, line := range generate(everything(1), lines) {
		l := mustParse(t, line)
		if l.kind == "c" {
			counters++
		}
		if l.kind != "g" && l.kind != "s" {
			packable++
		}
		if l.rate != "" {
			sampled++
		}
		if len(l.values) > 1 {
			packed++
		}
	}
	near := func(what string, got, of int, want float64) {
		t.Helper()
		if share := float64(got) / float64(of); share < want-0.02 || share > want+0.02 {
			t.Errorf("%s: %d of %d, want a share of %v", what, got, of, want)
		}
	}
	near("sampled", sampled, counters, 0.3)
	near("packed", packed, packable, 0.2)
}

func TestDialects(t *testing.T) {
	f := func(dialect workload.Dialect, want string) {
		t.Helper()
		spec := workload.Spec{Seed: 1, Series: 1, Tags: 2, Mix: workload.CountersOnly(), Dialect: dialect}
		if got := generate(spec, 1)[0]; got != want {
			t.Errorf("line in %v = %q, want %q", dialect, got, want)
		}
	}
	f(workload.DogStatsD, "web.http.requests:1|c|#endpoint:/cart,status:403")
	f(workload.Librato, "web.http.requests#endpoint=/cart,status=403:1|c")
	f(workload.InfluxDB, "web.http.requests,endpoint=/cart,status=403:1|c")
	f(workload.SignalFX, "web.http.requests[endpoint=/cart,status=403]:1|c")
	f(workload.Graphite, "web.http.requests;endpoint=/cart;status=403:1|c")
}

func TestValidate(t *testing.T) {
	f := func(spec workload.Spec, field string) {
		t.Helper()
		err := spec.Validate()
		if field == "" && err != nil {
			t.Errorf("Validate(%+v) = %v, want nil", spec, err)
		}
		if field != "" && (err == nil || !strings.HasPrefix(err.Error(), field+":")) {
			t.Errorf("Validate(%+v) = %v, want an error of %s", spec, err, field)
		}
	}
	f(everything(1), "")
	f(workload.Spec{}, "series")
	f(workload.Spec{Series: workload.MaxSeries + 1}, "series")
	f(workload.Spec{Series: 1, Tags: -1}, "tags")
	f(workload.Spec{Series: 1, Tags: workload.MaxTags + 1}, "tags")
	f(workload.Spec{Series: 1, Mix: workload.Mix{-1}}, "mix of c")
	f(workload.Spec{Series: 1, SampledShare: 1.1}, "sampled share")
	f(workload.Spec{Series: 1, PackedShare: -0.1}, "packed share")
	f(workload.Spec{Series: 1, Dialect: workload.NumDialects}, "dialect")
}

// weir's own decoder reads every line: nothing is rejected, nothing ignored.
func TestLinesAreValid(t *testing.T) {
	var d protocol.Decoder
	for _, line := range generate(everything(5), 20_000) {
		d.Reset(bytes.Clone([]byte(line)))
		samples := 0
		for d.Next() {
			for s, err := d.Sample(); s != nil || err != nil; s, err = d.Sample() {
				if err != nil {
					t.Fatalf("decode %q: %v", line, err)
				}
				samples++
			}
		}
		if want := len(mustParse(t, line).values); samples != want || d.Ignored() > 0 {
			t.Fatalf("%q has %d samples and %d ignored fields, want %d and 0", line, samples, d.Ignored(), want)
		}
	}
}
