// Package tap is what a person sees of lines and senders while looking: live lines, estimated rates, and
// counts by sender. It stands beside the straight line, behind the line "line":
//
//	line  Lane.Take    runs of lines that a loop has taken, borrowed until it returns
//
// Nobody looking costs a loop one atomic load for each datagram ([Lane.IsWatched]). A poll makes the tap look
// ([Tap.Rates], [Tap.Senders], [Tap.Tail]); it ends by itself a minute after the last one. Until then each
// loop counts by sender, exactly, and copies about one line in N, so that all loops together copy about 2,000
// a second. A goroutine of the tap decodes those lines once more and finds their series
// ([aggregate.Locator]). Its counts, times N, are the rates by family, series, rule and sender. With
// little traffic N is 1, and the rates are exact.
//
// Facts of slow paths are kept always: which sender had samples rejected or refused, and who created series.
//
// # Important names
//
// A [Tap] has a [Lane] for each loop. [Rates] are the rates of one moment. [Counts] are the counts of one
// sender. A [Filter] says which lines a tail shows, each as a [Line]. A [Peer] is where bytes came from; a
// [Sender] is a Peer without its port. [Programs] knows the programs of processes.
//
// # Who may call what
//
// A Lane belongs to the goroutine of its loop. The methods of a Tap, of Rates and of Programs may be called
// from any goroutine.
//
// # Memory model
//
// Everything is bounded, and counted by [Tap.Bytes]: senders, sampled lines, tails and their lines, families,
// series and rules. A loop and the readers share the counts of a Lane under its mutex, which the loop takes
// once for each datagram while somebody looks, and otherwise only to publish facts of slow paths. Rates do
// not change once they are published.
package tap
