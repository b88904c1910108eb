package rival_test

import (
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"weir/aggregate"
	"weir/expose/status/explore"
	"weir/expose/status/wire"
	"weir/protocol"
)

// What the status API offers to paste is PromQL, for every kind of family and whatever it is called.
func TestQueriesToPaste(t *testing.T) {
	prometheus := parser.NewParser(parser.Options{})
	for _, observer := range []string{aggregate.ObserverHistogram, aggregate.ObserverNative, aggregate.ObserverBoth, aggregate.ObserverSummary} {
		o := aggregate.DefaultOptions()
		o.Timers.Observer = observer
		r := aggregate.New(o)
		shard := r.NewShard()
		var d protocol.Decoder
		lines := ""
		for _, word := range append(parser.Keywords(), "inf", "nan") {
			lines += word + ":1|c\n" + strings.ToUpper(word) + "2:1|ms\n" + strings.ToUpper(word) + ":1|g\n"
		}
		d.Reset([]byte(lines + "hits:1|c\nsum:1|g\n9 lives.größe:1|ms\nusers:a|s\n_sc|db|1\na:b:1|c\nx\"y:1|h"))
		for d.Next() {
			if s, err := d.Sample(); err == nil && s != nil {
				shard.Record(s)
			}
		}
		e := explore.New(explore.Source{Registry: r})
		list, err := e.Families(wire.FamiliesQuery{Limit: wire.MaxLimit})
		if err != nil || list.Total < 50 {
			t.Fatal(list, err)
		}
		for _, family := range list.Families {
			detail, err := e.Family(wire.FamilyQuery{Name: family.Name})
			if err != nil || len(detail.PromQL) == 0 {
				t.Fatal(detail, err)
			}
			for _, q := range detail.PromQL {
				if _, err := prometheus.ParseExpr(q.Query); err != nil || !strings.Contains(q.Query, family.Name) || q.Title == "" {
					t.Errorf("%s of %s: %q, %v", q.Title, family.Name, q.Query, err)
				}
			}
		}
	}
}
