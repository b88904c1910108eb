package status

import (
	"cmp"

	"weir/expose/status/explore"
	"weir/expose/status/wire"
	"weir/ingest/tap"
)

// rates are the rates of package tap as package explore asks for them.
type rates struct{ *tap.Rates }

// Family implements explore.Rates.
func (r rates) Family(name string) (explore.FamilyRate, bool) {
	found, known := r.Rates.Family(name)
	rate := explore.FamilyRate{
		PerSecond: found.PerSecond, History: found.History, SendersMore: found.SendersMore,
	}
	for i := range found.Senders {
		s := &found.Senders[i]
		program, _ := wire.Text(s.Program)
		sender := wire.FamilySender{
			Name: cmp.Or(program, s.Sender.String()), PID: int(s.Sender.PID), SamplesPerSecond: &s.PerSecond,
		}
		if s.Sender.Address.IsValid() {
			sender.Address = s.Sender.Address.String()
		}
		rate.Senders = append(rate.Senders, sender)
	}
	return rate, known
}
