package status

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"weir/expose/status/wire"
	"weir/ingest/tap"
	"weir/protocol"
)

// othersSender is the sender of the row that senders share which found no place in a table.
const othersSender = "others"

// senderOrders are the orders of senders by name. Equal ones are in the order of their names.
var senderOrders = map[string]func(a, b *wire.Sender) int{
	wire.SortRate: func(a, b *wire.Sender) int {
		return cmp.Or(cmp.Compare(rateOf(b), rateOf(a)), cmp.Compare(b.Lines, a.Lines))
	},
	wire.SortRejected: func(a, b *wire.Sender) int { return cmp.Compare(b.Rejected, a.Rejected) },
	wire.SortCreated:  func(a, b *wire.Sender) int { return cmp.Compare(b.SeriesCreated, a.SeriesCreated) },
	wire.SortName:     func(*wire.Sender, *wire.Sender) int { return 0 },
}

func rateOf(s *wire.Sender) float64 {
	if s.LinesPerSecond == nil {
		return 0
	}
	return *s.LinesPerSecond
}

// pageOfSenders returns a page of senders, and behind the last one the others, about so many.
func pageOfSenders(
	q wire.SendersQuery, counts []tap.Counts, others tap.Counts, folded int,
) (wire.Senders, error) {
	order := senderOrders[cmp.Or(q.Sort, wire.SenderSorts[0])]
	if order == nil {
		return wire.Senders{}, &wire.Error{
			Type: wire.BadData, Text: fmt.Sprintf("sort: %q: want rate, rejected, created or name", q.Sort),
		}
	}
	first, err := strconv.Atoi(cmp.Or(q.After, "0"))
	if err != nil || first < 0 {
		return wire.Senders{}, &wire.Error{
			Type: wire.BadData, Text: fmt.Sprintf("after: %q: want next of the page before", q.After),
		}
	}
	all := make([]wire.Sender, len(counts))
	for i := range counts {
		all[i] = senderOf(&counts[i])
	}
	slices.SortFunc(all, func(a, b wire.Sender) int {
		return cmp.Or(order(&a, &b), cmp.Compare(a.Sender, b.Sender), cmp.Compare(a.Transport, b.Transport))
	})
	answer := wire.Senders{Total: len(all), Others: folded}
	last := min(len(all), first+max(1, q.Limit))
	answer.Senders = all[min(first, last):last]
	if last < len(all) {
		answer.Next = strconv.Itoa(last)
	} else if folded > 0 {
		rest := senderOf(&others)
		rest.Sender = othersSender
		answer.Senders = append(answer.Senders, rest)
	}
	return answer, nil
}

func senderOf(c *tap.Counts) wire.Sender {
	s := wire.Sender{
		Sender: c.Sender.String(), PID: c.Sender.PID, Transport: c.Transport, Addresses: c.Addresses,
		Lines: c.Lines, Samples: c.Samples, Refused: c.Refused, SeriesCreated: c.Created,
		RejectReasons: make(map[string]uint64), LastSeenAt: float64(c.LastSeen),
	}
	s.Program, _ = wire.Text(c.Program)
	if c.HasRate {
		s.LinesPerSecond = &c.LinesPerSecond
	}
	for reason := range protocol.NumReasons {
		if n := c.Rejected[reason]; n > 0 {
			s.Rejected += n
			s.RejectReasons[reason.String()] = n
		}
	}
	return s
}
