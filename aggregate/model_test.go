package aggregate_test

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/protocol"
)

// model is the plain map that the sharded registry must equal: everything under one name, in order of
// arrival.
type model struct {
	kinds    map[string]protocol.Kind
	values   map[string]float64         // counters and gauges
	counts   map[string]int             // observations
	sums     map[string]float64         // of observations
	members  map[string]map[string]bool // of sets
	recorded int
}

func newModel() *model {
	return &model{
		kinds: map[string]protocol.Kind{}, values: map[string]float64{}, counts: map[string]int{},
		sums: map[string]float64{}, members: map[string]map[string]bool{},
	}
}

func (m *model) record(name, key string, kind protocol.Kind, value float64, relative bool, text string) {
	form := kind
	if kind == protocol.KindMeter {
		kind, form = protocol.KindCounter, protocol.KindCounter
	}
	if kind == protocol.KindHistogram || kind == protocol.KindDistribution {
		form = protocol.KindTimer
	}
	if known, ok := m.kinds[name]; ok && known != form || kind == protocol.KindCounter && value < 0 {
		return
	}
	m.kinds[name] = form
	m.recorded++
	switch {
	case kind == protocol.KindCounter, kind == protocol.KindGauge && relative:
		m.values[key] += value
	case kind == protocol.KindGauge:
		m.values[key] = value
	case kind == protocol.KindSet:
		if m.members[key] == nil {
			m.members[key] = map[string]bool{}
		}
		m.members[key][text] = true
	default:
		if kind == protocol.KindTimer {
			value /= 1000
		}
		m.counts[key]++
		m.sums[key] += value
	}
}

// TestRegistryEqualsModel holds the sharded registry equal to a plain map under random operations on random
// shards.
func TestRegistryEqualsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, m := newRegistry(nil), newModel()
		shards := []*aggregate.Shard{r.NewShard(), r.NewShard(), r.NewShard()}
		recorded := 0
		for range rapid.IntRange(1, 300).Draw(t, "operations") {
			name := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "name")
			tag := rapid.IntRange(0, 3).Draw(t, "tag")
			kind := protocol.Kind(rapid.IntRange(0, int(protocol.KindMeter)).Draw(t, "kind"))
			value := float64(rapid.IntRange(-20, 100).Draw(t, "value")) / 4
			relative := kind == protocol.KindGauge && rapid.Bool().Draw(t, "relative")
			tags, key := fmt.Sprintf("z:1,tag:%d", tag), fmt.Sprintf(`%s{tag="%d",z="1"}`, name, tag)
			if rapid.Bool().Draw(t, "permuted") {
				tags = fmt.Sprintf("tag:%d,z:1", tag)
			}
			sample := protocol.Sample{
				Name: []byte(name), Tags: []byte(tags), Text: fmt.Append(nil, value), Value: value, Rate: 1,
				Kind: kind, Relative: relative,
			}
			if shards[rapid.IntRange(0, len(shards)-1).Draw(t, "shard")].Record(&sample) == protocol.ReasonNone {
				recorded++
			}
			m.record(name, key, kind, value, relative, fmt.Sprint(value))
		}
		if recorded != m.recorded {
			t.Fatalf("recorded %d samples, want %d", recorded, m.recorded)
		}
		compare(t, r, m)
	})
}

func compare(t *rapid.T, r *aggregate.Registry, m *model) {
	series := 0
	for _, f := range r.Snapshot().Families {
		for _, s := range f.Series {
			series++
			key := f.Name() + "{" + s.Labels().Text() + "}"
			if f.Type() == aggregate.TypeHistogram {
				var o aggregate.Observations
				s.Observe(&o)
				if o.Count != uint64(m.counts[key]) {
					t.Fatalf("%s: count %d, want %d", key, o.Count, m.counts[key])
				}
				if math.Abs(o.Sum-m.sums[key]) > 1e-9 {
					t.Fatalf("%s: sum %v, want %v", key, o.Sum, m.sums[key])
				}
				continue
			}
			want := m.values[key]
			if members := m.members[key]; members != nil {
				want = float64(len(members))
			}
			if got := s.Value(); got != want {
				t.Fatalf("%s = %v, want %v", key, got, want)
			}
		}
	}
	if want := len(m.values) + len(m.counts) + len(m.members); series != want {
		t.Fatalf("%d series, want %d", series, want)
	}
}

// TestScrapeBesideFourWriters is for the race detector, and holds that nothing is lost or seen half.
func TestScrapeBesideFourWriters(t *testing.T) {
	const writers, rounds = 4, 2000
	r := newRegistry(nil)
	stop := make(chan struct{})
	var writing, reading sync.WaitGroup
	for w := range writers {
		shard := r.NewShard()
		writing.Go(func() {
			for i := range rounds {
				tags := fmt.Appendf(nil, "i:%d", i%50)
				for _, s := range []protocol.Sample{
					{Name: []byte("hits"), Kind: protocol.KindCounter, Value: 1},
					{Name: []byte("time"), Kind: protocol.KindTimer, Value: float64(i % 3000)},
					{Name: []byte("level"), Kind: protocol.KindGauge, Value: 1, Relative: true},
					{Name: []byte("users"), Kind: protocol.KindSet, Text: fmt.Append(nil, w, i%100)},
				} {
					s.Rate, s.Tags = 1, tags
					shard.Record(&s)
				}
			}
		})
	}
	reading.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				readAll(t, r)
			}
		}
	})
	writing.Wait()
	close(stop)
	reading.Wait()
	totals := readAll(t, r)
	want := map[string]float64{"hits": writers * rounds, "time": writers * rounds, "level": writers * rounds}
	for name, n := range want {
		if totals[name] != n {
			t.Errorf("total of %s = %v, want %v", name, totals[name], n)
		}
	}
}

// readAll reads every series and returns the totals by family.
func readAll(t *testing.T, r *aggregate.Registry) map[string]float64 {
	t.Helper()
	totals := map[string]float64{}
	for _, f := range r.Snapshot().Families {
		var o aggregate.Observations
		for _, s := range f.Series {
			if f.Type() != aggregate.TypeHistogram {
				totals[f.Name()] += s.Value()
				continue
			}
			s.Observe(&o)
			if !slices.IsSorted(o.Buckets) {
				t.Errorf("cumulative counts fall: %v", o.Buckets)
			}
			totals[f.Name()] += float64(o.Count)
		}
	}
	return totals
}

// TestLimitsUnderConcurrency holds that the limits are exact whoever comes first.
func TestLimitsUnderConcurrency(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Limits.MaxTotalSeries, o.Limits.MaxSeriesPerMetric = 100, 30 })
	var writing sync.WaitGroup
	for range 4 {
		shard := r.NewShard()
		writing.Go(func() {
			for i := range 2000 {
				shard.Record(&protocol.Sample{
					Name: fmt.Append(nil, "m", i%5), Tags: fmt.Appendf(nil, "i:%d", i), Value: 1, Rate: 1,
				})
			}
		})
	}
	writing.Wait()
	if got := r.Stats().Series; got != 100 {
		t.Errorf("%d series, want the limit of 100", got)
	}
	for _, f := range r.Snapshot().Families {
		if len(f.Series) > 30 {
			t.Errorf("%s has %d series, want at most 30", f.Name(), len(f.Series))
		}
	}
}
