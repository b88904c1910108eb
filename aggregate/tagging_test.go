package aggregate_test

import (
	"testing"

	"weir/aggregate"
	"weir/protocol"
)

// seriesOf records one line in a shard of its own and returns its series, or the reason it has none.
func seriesOf(t *testing.T, tagging aggregate.Tagging, text string) string {
	t.Helper()
	r := newRegistry(nil)
	shard := r.NewTaggedShard(tagging)
	first, again := line(t, shard, text), line(t, shard, text)
	if first != again {
		t.Errorf("%q: %q at first, %q again", text, first, again)
	}
	if first != "" {
		return first
	}
	f := r.Snapshot().Families[0]
	return f.Name() + "{" + f.Series[0].Labels().Text() + "}"
}

func TestDialects(t *testing.T) {
	f := func(off protocol.Dialects, text, want string) {
		t.Helper()
		if got := seriesOf(t, aggregate.Tagging{Dialects: protocol.AllDialects &^ off}, text); got != want {
			t.Errorf("%q without %v is %s, want %s", text, off.Names(), got, want)
		}
	}
	const same = `web_hits{env="prod",status="200"}`
	f(0, "web.hits:1|c|#env:prod,status:200", same)
	f(0, "web.hits:1|c|#env:prod,#status:200", same)
	f(0, "web.hits,status=200,env=prod:1|c", same)
	f(0, "web.hits#status=200,env=prod:1|c", same)
	f(0, "web.hits;status=200;env=prod:1|c", same)
	f(0, "web[status=200,env=prod].hits:1|c", same)
	f(0, "web.hits[status=200,env=prod]:1|c", same)
	f(0, "[status=200,env=prod]web.hits:1|c", same)

	f(0, "a,k=v:1|c|#l:w", "mixed_tags")
	f(0, "a[k=v]:1|c|#l:w", "mixed_tags")
	f(0, "a,k:1|c|#l:w", "mixed_tags")
	f(0, "a,k=v:1|c|#", `a{k="v"}`)
	f(0, "a[]:1|c|#l:w", `a{l="w"}`)
	f(0, "a#:1|c|#l:w", `a{l="w"}`)
	f(0, "a,,=v,k=:1|c|#l:w", `a{l="w"}`)
	f(0, "#k=v:1|c", "empty_name")
	f(0, ",k=v:1|c", "empty_name")
	f(0, "[k=v]:1|c", "empty_name")
	f(0, "a[9:1|c", "a_9{}")
	f(0, "[k=v]9a:1|c", `_9a{k="v"}`)
	f(0, "9[k=v]a:1|c", `_9a{k="v"}`)
	f(0, "a,le=1:1|ms", `a{exported_le="1"}`)

	f(protocol.InfluxDB, "a,k=v:1|c", "a_k_v{}")
	f(protocol.Librato, "a#k=v:1|c", "a_k_v{}")
	f(protocol.Graphite, "a;k=v:1|c", "a_k_v{}")
	f(protocol.SignalFX, "a[k=v]:1|c", "a_k_v_{}")
	f(protocol.DogStatsD, "a:1|c|#k:v", "a{}")
	f(protocol.DogStatsD, "a,k=v:1|c|#l:w", "mixed_tags")
}

// Tags without a value make no label, and are no second way to write tags, when they are dropped.
func TestBareTags(t *testing.T) {
	f := func(text, want, wantDropped string) {
		t.Helper()
		for _, drop := range []bool{false, true} {
			tagging := aggregate.Tagging{Dialects: protocol.AllDialects, DropBare: drop}
			if got := seriesOf(t, tagging, text); got != want {
				t.Errorf("%q, bare tags dropped %v, is %s, want %s", text, drop, got, want)
			}
			want = wantDropped
		}
	}
	f("a:1|c|#k", `a{k="true"}`, "a{}")
	f("a:1|c|#k,l:w,,m", `a{k="true",l="w",m="true"}`, `a{l="w"}`)
	f("a:1|c|#k=v", `a{k_v="true"}`, "a{}")
	f("a:1|c|#k:true", `a{k="true"}`, `a{k="true"}`)
	f("a:1|c|#k:,l:w", `a{l="w"}`, `a{l="w"}`)
	f("a:1|c|#k:v,k", `a{k="true"}`, `a{k="v"}`)
	for _, name := range []string{"a,k", "a#k", "a;k", "a[k]"} {
		f(name+":1|c", `a{k="true"}`, "a{}")
		f(name+":1|c|#l:w", "mixed_tags", `a{l="w"}`)
	}
	f("a,k,m=n:1|c|#l:w", "mixed_tags", "mixed_tags")
	f("_sc|a|0|#k,l:w", `weir_service_check_status{check="a",k="true",l="w"}`, `weir_service_check_status{check="a",l="w"}`)
}

// Rules do not see the tags that are dropped.
func TestBareTagsAndRules(t *testing.T) {
	for _, drop := range []bool{false, true} {
		r := newRegistry(nil)
		r.SetRules(mustRules(t, "mappings: [{match: a, match_tags: {k: '*'}, name: b}]"))
		line(t, r.NewTaggedShard(aggregate.Tagging{Dialects: protocol.AllDialects, DropBare: drop}), "a:1|c|#k,l:w")
		want := `b{k="true",l="w"}`
		if drop {
			want = `a{l="w"}`
		}
		if got := value(r, want); got != 1 {
			t.Errorf("bare tags dropped %v: %s = %v, want 1", drop, want, got)
		}
	}
}

func TestOriginLabels(t *testing.T) {
	f := func(tagging aggregate.Tagging, text, want string) {
		t.Helper()
		tagging.Dialects = protocol.AllDialects
		if got := seriesOf(t, tagging, text); got != want {
			t.Errorf("%q with %+v is %s, want %s", text, tagging, got, want)
		}
	}
	const line = "a:1|c|c:ci-abc|e:it-false,cn-web,pu-123|#k:v"
	f(aggregate.Tagging{}, line, `a{k="v"}`)
	f(aggregate.Tagging{ContainerID: true}, line, `a{container_id="abc",k="v"}`)
	f(aggregate.Tagging{ContainerID: true}, "a:1|c|c:in-42", `a{container_id="in-42"}`)
	f(aggregate.Tagging{PodUID: true}, line, `a{k="v",pod_uid="123"}`)
	f(aggregate.Tagging{ContainerName: true, PodUID: true}, line, `a{container_name="web",k="v",pod_uid="123"}`)
	f(aggregate.Tagging{ContainerID: true}, "a:1|c|c:abc|#container_id:mine", `a{container_id="abc"}`)
	f(aggregate.Tagging{ContainerID: true}, "a:1|c|#container_id:mine", `a{container_id="mine"}`)
}

// Lines that differ only in their origin are different series when labels are made of it, and one when not.
func TestOriginIsPartOfTheKey(t *testing.T) {
	for _, tagging := range []aggregate.Tagging{{}, {ContainerID: true}} {
		r := newRegistry(nil)
		tagging.Dialects = protocol.AllDialects
		shard := r.NewTaggedShard(tagging)
		line(t, shard, "a:1|c|c:one\na:1|c|c:two\na:1|c|c:one")
		want := 1
		if tagging.ContainerID {
			want = 2
		}
		if got := r.Stats().Series; got != want {
			t.Errorf("with %+v: %d series, want %d", tagging, got, want)
		}
	}
}

func TestDuplicateTagsAreCounted(t *testing.T) {
	r := newRegistry(nil)
	shard := r.NewShard()
	line(t, shard, "a:1|c|#k:1,k:2,l:3,k:4\na:1|c|#k:1,k:2,l:3,k:4")
	if got := value(r, `a{k="4",l="3"}`); got != 2 {
		t.Errorf("the last tag does not win: %v", got)
	}
	if got := r.Stats().TagsDuplicate; got != 2 {
		t.Errorf("TagsDuplicate = %d, want 2, once for the raw key", got)
	}
}

func TestMeterAndServiceCheck(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 2 })
	shard := r.NewShard()
	got := line(t, shard, "m:2|m\nm:3|c\n_sc|redis|2|#env:prod\n_sc|redis|1|#env:prod\n_sc|disk|0\nredis:1|g|#env:prod")
	if got != "     " {
		t.Errorf("rejected: %q", got)
	}
	for series, want := range map[string]float64{
		"m": 5, `weir_service_check_status{check="redis",env="prod"}`: 1, `weir_service_check_status{check="disk"}`: 0,
		`redis{env="prod"}`: 1,
	} {
		if got := value(r, series); got != want {
			t.Errorf("%s = %v, want %v", series, got, want)
		}
	}
	if got := line(t, shard, "_sc|third|0"); got != "max_series_per_metric" {
		t.Errorf("a check beyond the limit: %q", got)
	}
	if got := line(t, shard, "weir_service_check_status:1|g"); got != "reserved_name" && got != "type_conflict" {
		t.Errorf("a sender took the family of checks: %q", got)
	}
	if got := line(t, newRegistry(nil).NewShard(), "weir.service.check.status:1|g"); got != "reserved_name" {
		t.Errorf("a sender took the family of checks before any: %q", got)
	}
}
