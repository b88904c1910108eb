package history

import "weir/expose/status/wire"

func datagrams(c *Counts) uint64   { return c.Datagrams }
func lines(c *Counts) uint64       { return c.Lines }
func samples(c *Counts) uint64     { return c.Samples }
func recorded(c *Counts) uint64    { return c.Recorded }
func refused(c *Counts) uint64     { return c.Refused }
func rejected(c *Counts) uint64    { return c.Rejected }
func dropped(c *Counts) uint64     { return c.Dropped }
func kernelDrops(c *Counts) uint64 { return c.KernelDrops }

// points are curves under construction.
type points struct{ wire.Points }

// newPoints returns curves without points, with room for so many: an empty list, not null, is what the API
// writes.
func newPoints(room int) *points {
	var x points
	for _, list := range x.all() {
		*list = make([]float64, 0, room)
	}
	return &x
}

func (x *points) all() []*[]float64 {
	return []*[]float64{
		&x.Datagrams, &x.Lines, &x.Recorded, &x.Refused, &x.Rejected, &x.Dropped, &x.KernelDrops, &x.CPU,
		&x.RSSBytes, &x.Series,
	}
}

// add adds the point of one step, which began with before and ended with now.
func (x *points) add(before, now *entry) {
	length := now.at.Sub(before.at)
	for _, curve := range []struct {
		list *[]float64
		of   func(*Counts) uint64
	}{
		{&x.Datagrams, datagrams},
		{&x.Lines, lines},
		{&x.Recorded, recorded},
		{&x.Refused, refused},
		{&x.Rejected, rejected},
		{&x.Dropped, dropped},
		{&x.KernelDrops, kernelDrops},
	} {
		*curve.list = append(*curve.list, per(curve.of(&now.counts), curve.of(&before.counts), length))
	}
	x.CPU = append(x.CPU, cores(now, before))
	x.RSSBytes = append(x.RSSBytes, float64(now.counts.RSSBytes))
	x.Series = append(x.Series, float64(now.counts.Series))
}
