// Command compare measures weir as a whole, beside a null sink and rivals, in one run on one machine, so that
// its results are ratios. make load runs it with weir alone, make compare with every target.
//
//	go run ./bench/compare --weir bin/weir --name mine
//	go run ./bench/compare --weir bin/weir --targets weir,null-c --only tens,ones --quick
//
// It writes NAME.txt, every measurement as it was made, and NAME.md, the tables made of them, into
// bench/results. A rival that is missing is named with the reason; no number is made up for it.
//
//	scenario   scenario     which lines, how packed, how fast
//	target     target       a receiver: how to start it, and how to ask what it took
//	instance   instance     a target that runs, in a process of its own (package bench/process)
//	window     window       a paced load from an open loop, and what it cost the target
//	search     search       the highest rate without loss
//	table      report       medians over the rounds, and ratios
//
// # Who may call what
//
// Nothing here may be called from elsewhere.
//
// # Memory model
//
// One goroutine measures, one target at a time. Scrapes beside a load, the receiver of copied lines and the
// poller of a page have a goroutine each, which ends before its results are read.
//
// # How it measures
//
// A target is started for every measurement, and first gets each series once, which is not measured. Then the
// sender, package bench/load/sender in this process, sends at the rate of the scenario from one socket, for a
// window of some seconds. The targets take turns, round by round, so that a machine that gets slower does so
// for all of them; tables show the median of the rounds.
//
// CPU is user and system time of the whole process, by its CPU clock (clock_getcpuclockid(3)), which is what
// /proc/PID/stat counts, in nanoseconds instead of hundredths of a second. It is read before the window and
// after it, once the target has processed what was queued. The work of the kernel for the loopback within the
// sender's system call counts as the sender's, for all targets alike. The tables show it per million lines
// that the target took.
//
// Loss is the lines sent less the lines that the target itself reports; what the kernel dropped, by
// /proc/net/udp, is noted beside it. weir must have recorded every sample that it received; otherwise its
// measurement fails. A target that loses lines of a window gets another window, because the machine may have
// been busy. A target that loses lines twice in a row gets half of the rate, and the tables show it at each
// rate that it was measured at. The tables also show how late the sender was: a late sender gives the target
// bursts, not a rate.
//
// For the highest rate without loss the target has the first core, with GOMAXPROCS=1, and the sender the
// last. A rate is lossless when no line of a second is lost, when the target is at rest within 150 ms of the
// last line (a queue that grows hides a loss to come), and when the sender came within 5 % of the rate. Each
// rate is twice the last one until a rate fails twice. Then it is the mean of the best and the worst rate,
// until they are within 5 %. When the sender was the limit, the result is "at least".
//
// Scrapes are made by one client over one connection, plain and compressed, after every series has changed.
//
// Delays are those of single lines in weir with a million series: from the system call that sends a line
// until weir, which copies every recorded line to the bench, has sent the copy. Without other work they are
// at most as long as weir sleeps (ingest.coalesce). They are measured without scrapes, while one client
// scrapes again and again, and while a page is open.
//
// What somebody who looks costs is measured with a million series and 500,000 lines a second: nobody looks,
// one client polls every 2 s what an open page polls, and it follows the live lines of one name as well; in
// turns, each for twice as long as other windows. The CPU time has that of the answers.
//
// Not measured: a network card, many senders, other machines. The bench needs Linux and, so that more than
// one process can run at a time, two cores.
package main
