package explore_test

import (
	"errors"
	"testing"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/format/formattest"
	"weir/expose/status/explore"
	"weir/expose/status/wire"
	"weir/protocol"
)

// fixture is a registry with an Explorer.
type fixture struct {
	registry *aggregate.Registry
	shard    *aggregate.Shard
	*explore.Explorer

	rates explore.Rates
}

func newFixture(change func(*aggregate.Options)) *fixture {
	o := aggregate.DefaultOptions()
	if change != nil {
		change(&o)
	}
	f := &fixture{registry: aggregate.New(o)}
	f.shard = f.registry.NewShard()
	f.Explorer = explore.New(explore.Source{
		Registry: f.registry, Rates: func() explore.Rates { return f.rates }, HasCreated: true,
	})
	return f
}

func (f *fixture) record(t formattest.T, lines ...string) {
	t.Helper()
	formattest.Record(t, f.shard, lines...)
}

// sample returns the sample of a line.
func sample(t *testing.T, line string) *protocol.Sample {
	t.Helper()
	var d protocol.Decoder
	d.Reset([]byte(line))
	d.Next()
	s, err := d.Sample()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// rates are rates of families and series, by the name with the labels in braces.
type rates map[string]float64

func (rates) Sample() string { return "1 in 10 lines" }

func (r rates) Total() (total float64) {
	for name, rate := range r {
		if name[len(name)-1] != '}' {
			total += rate
		}
	}
	return total
}

func (r rates) Family(name string) (explore.FamilyRate, bool) {
	rate, found := r[name]
	x := explore.FamilyRate{PerSecond: rate, History: []float64{1, rate}, SendersMore: 2}
	for range 7 {
		x.Senders = append(x.Senders, wire.FamilySender{Name: "php"})
	}
	return x, found
}

func (r rates) Series(family string, labels label.Labels) (float64, bool) {
	rate, found := r[family+labels.String()]
	return rate, found
}

// wantError checks that an error is one of a type that says something.
func wantError(t *testing.T, what string, err error, typ, text string) {
	t.Helper()
	var e *wire.Error
	if !errors.As(err, &e) || e.Type != typ || e.Text != text {
		t.Errorf("%s: %v, want %s: %s", what, err, typ, text)
	}
}
