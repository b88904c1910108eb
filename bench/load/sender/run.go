package sender

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// progressInterval is how often Options.Progress is called.
const progressInterval = 250 * time.Millisecond

// errEmptyRing is returned by Run when there is nothing to send.
var errEmptyRing = errors.New("the ring has no datagrams")

// run is one call of Run.
type run struct {
	options  Options
	target   target
	schedule schedule
	ring     *Ring
	links    links

	start    time.Time
	report   Report
	next     int           // datagram of ring
	turn     int           // which of links sends
	progress time.Duration // when Options.Progress was called
}

// Run sends the datagrams of ring, again and again, until the schedule of o or ctx ends. It always returns
// what it sent, also with an error. The end of ctx is no error. A receiver that is gone is an error over TCP
// and unix sockets; over UDP, Report.Refused counts it.
func Run(ctx context.Context, o Options, ring *Ring) (Report, error) {
	report := Report{Target: o.Target, Sockets: max(o.Sockets, 1)}
	if err := o.Validate(); err != nil {
		return report, err
	}
	if ring.Lines() == 0 {
		return report, errEmptyRing
	}
	to, err := parseTarget(o.Target)
	if err != nil {
		return report, err
	}
	sockets, err := dial(ctx, to, report.Sockets)
	if err != nil {
		return report, err
	}
	defer sockets.close()
	r := &run{options: o, target: to, schedule: o.schedule(), ring: ring, links: sockets, report: report}
	return r.run(ctx)
}

func (r *run) run(ctx context.Context) (Report, error) {
	r.start = time.Now()
	if r.options.Duration > 0 {
		if err := r.links.setDeadline(r.start.Add(r.schedule.stop + grace)); err != nil {
			return r.report, err
		}
	}
	giveUp := func() { _ = r.links.setDeadline(r.start) } // a closed socket waits for nothing anyway
	forget := context.AfterFunc(ctx, giveUp)
	defer forget()
	var err error
	for err == nil && ctx.Err() == nil && !r.done() {
		err = r.step()
	}
	elapsed := time.Since(r.start)
	r.report.measure(elapsed)
	if r.schedule.linesPerSecond > 0 && !r.sentAll() {
		r.report.UnsentLines = r.schedule.due(elapsed) - min(r.schedule.due(elapsed), r.report.Lines)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = nil
	}
	return r.report, err
}

// done reports whether the schedule is over.
func (r *run) done() bool {
	return r.sentAll() || r.report.Lines >= r.schedule.total || time.Since(r.start) >= r.schedule.stop
}

// sentAll reports whether as many datagrams were sent as were asked for.
func (r *run) sentAll() bool {
	return r.options.Datagrams > 0 && r.report.Datagrams >= r.options.Datagrams
}

// step sends a burst of the lines that are due, or sleeps until a line is due.
func (r *run) step() error {
	elapsed := time.Since(r.start)
	r.reportProgress(elapsed)
	due := r.schedule.due(elapsed)
	if due <= r.report.Lines {
		pause(r.schedule.pause(elapsed, r.report.Lines, r.ring.packets[r.next].lines))
		return nil
	}
	if r.schedule.linesPerSecond > 0 {
		lag := elapsed - r.schedule.when(r.report.Lines+1)
		r.report.MaxLagSeconds = max(r.report.MaxLagSeconds, lag.Seconds())
	}
	last := r.burst(due)
	sent, err := r.links[r.turn].send(r.ring, r.next, last, &r.report)
	if r.target.network == "udp" && errors.Is(err, syscall.ECONNREFUSED) {
		// The error is about an earlier datagram; go on with this one.
		r.report.Refused++
		err = nil
	}
	r.next = (r.next + sent) % r.ring.Len()
	r.turn = (r.turn + 1) % len(r.links)
	return err
}

// burst returns the end of the datagrams from r.next on that are due, at least one, at most maxBurst.
func (r *run) burst(due uint64) (last int) {
	limit := min(r.next+maxBurst, r.ring.Len())
	if most := r.options.Datagrams; most > 0 {
		limit = min(limit, r.next+int(min(most-r.report.Datagrams, maxBurst)))
	}
	lines := r.report.Lines
	for last = r.next; last < limit && lines < due; last++ {
		lines += r.ring.packets[last].lines
	}
	return last
}

func (r *run) reportProgress(elapsed time.Duration) {
	if r.options.Progress == nil || elapsed-r.progress < progressInterval {
		return
	}
	r.progress = elapsed
	r.report.measure(elapsed)
	r.options.Progress(r.report)
}
