package status

import (
	"syscall"
	"time"

	"github.com/prometheus/procfs"
)

// usage is what the process has taken from its host.
type usage struct {
	cpuSeconds float64 // since the start, in user and in kernel mode
	rssBytes   uint64  // 0 where the system does not tell, which is anywhere except on Linux
}

func usageNow() (u usage) {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err == nil {
		u.cpuSeconds = (time.Duration(r.Utime.Nano()) + time.Duration(r.Stime.Nano())).Seconds()
	}
	if p, err := procfs.Self(); err == nil {
		if stat, err := p.Stat(); err == nil {
			u.rssBytes = uint64(stat.ResidentMemory())
		}
	}
	return u
}
