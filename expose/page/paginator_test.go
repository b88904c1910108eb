package page_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weir/aggregate"
	"weir/expose/format"
	"weir/expose/format/formattest"
	"weir/protocol"
)

// A name in both gives one family: weir's own.
func TestNoFamilyTwice(t *testing.T) {
	self := prometheus.NewRegistry()
	self.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "m", Help: "Own."}))
	renderer := newRenderer(aggregate.New(aggregate.DefaultOptions()))
	formattest.Record(t, renderer.registry.NewShard(), "a:1|c", "m:5|c", "z:1|c")
	var err error
	if renderer.self, err = self.Gather(); err != nil {
		t.Fatal(err)
	}
	families := formattest.Parse(t, renderer.render())
	if len(families) != 3 || families["m"].GetMetric()[0].GetCounter().GetValue() != 0 {
		t.Errorf("families %v", families)
	}
}

// A block may end behind any byte of a family: also right behind its header.
func TestFamiliesAcrossBlocks(t *testing.T) {
	for length := range 80 {
		registry := aggregate.New(aggregate.DefaultOptions())
		shard := registry.NewShard()
		formattest.Record(t, shard, strings.Repeat("a", 1+length)+":1|g")
		for i := range 1200 {
			formattest.Record(t, shard, fmt.Sprintf("gauge_%04d:1|g", i))
		}
		if families := formattest.Parse(t, newRenderer(registry).render()); len(families) != 1201 {
			t.Errorf("%d families with a first name of %d bytes, want 1201", len(families), 1+length)
		}
	}
}

// The name that later senders give a family or a series is shown once: the first that is not legacy. The pages
// that are kept follow.
func TestUTF8NameComesLater(t *testing.T) {
	options := aggregate.DefaultOptions()
	options.Sanitize.Names = aggregate.NamesUTF8
	renderer := newSharing(aggregate.New(options))
	renderer.Escaping = format.EscapeNothing
	shard := renderer.registry.NewShard()
	f := func(name, tags, want string) {
		t.Helper()
		if reason := shard.Record(&protocol.Sample{Name: []byte(name), Tags: []byte(tags), Rate: 1}); reason != 0 {
			t.Fatal(reason)
		}
		_, got, _ := bytes.Cut(renderer.render(), []byte("counter\n"))
		if string(got) != want {
			t.Errorf("%s{%s}: %q, want %q", name, tags, got, want)
		}
	}
	f("a_b", "c_d:1", "a_b{c_d=\"1\"} 0\n")
	f("a.b", "c_d:1", "{\"a.b\",c_d=\"1\"} 0\n")
	f("a-b", "c.d:1", "{\"a.b\",\"c.d\"=\"1\"} 0\n")
	f("a_b", "c-d:1", "{\"a.b\",\"c.d\"=\"1\"} 0\n")
}

// A page is rendered again when an exemplar changes and no value does, but not as text.
func TestExemplarsChangePages(t *testing.T) {
	for _, e := range encodings {
		options := aggregate.DefaultOptions()
		options.Series.ExemplarTags = []string{"trace_id"}
		renderer := newSharing(aggregate.New(options))
		renderer.Encoding = e.encoding
		now := time.Unix(1_900_000_000, 0)
		renderer.registry.Tick(now)
		shard := renderer.registry.NewShard()
		kept := func() any {
			renderer.render()
			return renderer.kept()[0]
		}
		formattest.Record(t, shard, "hits_total:3|c|#trace_id:ab")
		first := kept()
		if again := kept(); first != again {
			t.Errorf("%s: a page is rendered again when nothing changed", e.name)
		}
		renderer.registry.Tick(now.Add(time.Second))
		formattest.Record(t, shard, "hits_total:0|c|#trace_id:cd")
		if isNew := kept() != first; isNew != (e.encoding != format.EncodingText) {
			t.Errorf("%s: rendered again: %v", e.name, isNew)
		}
	}
}
