// Command compare measures weir as a whole, beside a null sink and rivals, in one run on one machine, so that
// what is said of them is ratios. make load runs it with weir alone, make compare with all.
//
//	go run ./bench/compare --weir bin/weir --name mine
//	go run ./bench/compare --weir bin/weir --targets weir,null-c --only tens,ones --quick
//
// It writes NAME.txt, every measurement as it was made, and NAME.md, the tables made of them, into
// bench/results. Rivals that are not there are named with what they lack; no number is made up for them.
//
//	scenario   scenario     which lines, how packed, how fast
//	target     target       a receiver: how to start it, and how to ask what it took
//	window     window       a paced load from an open loop, and what it cost the target
//	search     search       the highest rate without loss
//	table      tables       medians over the rounds, and ratios
//
// # How it measures
//
// A target is started anew for every measurement, and first sent each series once, which is not measured.
// Then the sender, package bench/load/sender in this process, sends at the rate of the scenario from one
// socket, for a window of some seconds. The targets take turns, round by round, so that a machine that gets
// slower does so for all; tables show the median of the rounds.
//
// CPU is user and system time of the whole process, by its CPU clock (clock_getcpuclockid(3)), which is what
// /proc/PID/stat counts in nanoseconds instead of hundredths of a second. It is read before the window and
// after it, once the target has worked off what it still held. What the kernel does for the loopback within
// the sender's system call is the sender's, for all targets alike. It is told for a million lines that the
// target took.
//
// Loss is what was sent less what the target itself says it took; what /proc/net/udp says the kernel dropped
// is noted beside it. weir must have recorded every sample that it received, or its measurement fails. A
// target that loses lines of a window gets another one, for the machine may have been busy; one that does so
// twice in a row gets half of the rate, and the tables show it at each rate that it was measured at. A sender
// that was late is told of: the target then got bursts, not a rate.
//
// For the highest rate without loss the target has the first core, with GOMAXPROCS=1, and the sender the
// last. A rate is lossless when nothing of a second is lost, the target is at rest within 150 ms of the last
// line, for a queue that grows hides a loss to come, and the sender came within 5 % of it. Each rate is twice
// the last until one is not, nor is when it is tried again; then it is the mean of the best and the worst,
// until they are within 5 %. When it is the sender that could do no more, the result is "at least".
//
// Scrapes are made by one client over one connection, plain and compressed, after every series has changed.
//
// Delays are those of single lines in weir with a million series: from the system call that sends one until
// weir, which copies every line that it has recorded to the bench, has sent the copy. They are as long as
// weir sleeps (ingest.coalesce) at most when nothing is in the way. Meanwhile nobody scrapes, and then one
// client does, one scrape after the other.
//
// What this does not show: a network card, many senders, other machines. It needs Linux and, for more than
// one process to run at a time, two cores.
package main
