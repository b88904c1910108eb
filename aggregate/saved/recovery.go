package saved

import (
	"encoding/json"
	"fmt"

	"weir/aggregate/journal"
)

// Recovery has the values of journals. They are put together with the values of a state file.
type Recovery struct {
	now      int64
	families map[string]*recoveredFamily // by shape
}

// recoveredFamily is what journals have of the series of a family.
type recoveredFamily struct {
	Family

	series map[string]*recoveredSeries // by label set
}

// recoveredSeries is what journals have of a label set.
type recoveredSeries struct {
	Series // the last one of that label set

	isDeleted bool   // and was not created again
	deleted   uint32 // a series that was created no later was deleted; 0 when none was
}

// hides reports whether a series of a state file was deleted after it was saved.
func (r *recoveredSeries) hides(x *Series) bool { return r.deleted > 0 && x.Created <= r.deleted }

// Recover reads the journals of a registry whose clock shows now.
func Recover(journals []*journal.Contents, now int64) (*Recovery, error) {
	v := &Recovery{now: now, families: make(map[string]*recoveredFamily)}
	for _, contents := range journals {
		families := make(map[journal.Place]*recoveredFamily)
		for e := range contents.Entries() {
			if err := v.entry(&e, families); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// shape identifies a family with the aggregation that it has.
func (f *Family) shape() string {
	text, _ := json.Marshal([]any{f.Name, f.Form, f.Bounds, f.Native, f.Window}) // finite numbers and text
	return string(text)
}

// entry takes the values of an entry. The families of a journal are known by their place.
func (v *Recovery) entry(e *journal.Entry, families map[journal.Place]*recoveredFamily) error {
	if len(e.Words) == 0 {
		f := &recoveredFamily{series: make(map[string]*recoveredSeries)}
		if err := json.Unmarshal(e.Head, &f.Family); err != nil {
			return fmt.Errorf("%w: %w", errEntry, err)
		}
		shape := f.shape()
		if v.families[shape] == nil {
			v.families[shape] = f
		}
		families[e.Place] = v.families[shape]
		return nil
	}
	place, s, err := parseHead(e.Head)
	if err != nil {
		return err
	}
	f := families[place]
	if f == nil {
		return errEntry
	}
	if e.Words[0]&DeletedBit != 0 {
		f.series[s.Labels] = &recoveredSeries{*s, true, s.Created}
		return nil
	}
	s.Newborn, s.Idle = e.Words[0]&CreatedAsZeroBit != 0, uint32(max(v.now-int64(uint32(e.Words[0])), 0))
	if err := s.decode(&f.Family, e.Words[1:]); err != nil {
		return err
	}
	next := &recoveredSeries{Series: *s}
	if known := f.series[s.Labels]; known != nil {
		next.deleted = known.deleted
		if !known.isDeleted { // Entries are in order: after a deletion, the series was created again.
			next.raise(&known.Series)
		}
	}
	f.series[s.Labels] = next
	return nil
}

// Raise raises the series in a record of a state to the values that journals have of them, and forgets these
// values. It removes the series that were deleted after the state was saved. The state was saved away seconds
// ago.
func (v *Recovery) Raise(f *Family, away uint32) {
	known := v.families[f.shape()]
	if known == nil {
		return
	}
	kept := f.Series[:0]
	for i := range f.Series {
		x := f.Series[i]
		later := known.series[x.Labels]
		switch {
		case later == nil:
		case later.hides(&x):
			continue // a series that was created again is in Rest
		case !later.isDeleted:
			later.Idle -= min(later.Idle, away) // as of when the state was saved
			utf8, ttl := x.UTF8, x.TTL
			x.raise(&later.Series)
			x.UTF8, x.TTL = utf8, ttl
			delete(known.series, x.Labels)
		}
		kept = append(kept, x)
	}
	f.Series = kept
}

// Rest returns the records of the series that were in no record of a state.
func (v *Recovery) Rest() (records []*Family) {
	for _, f := range v.families {
		for _, x := range f.series {
			if !x.isDeleted {
				f.Series = append(f.Series, x.Series)
			}
		}
		if len(f.Series) > 0 {
			records = append(records, &f.Family)
		}
	}
	return records
}
