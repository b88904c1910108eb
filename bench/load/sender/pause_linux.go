package sender

import (
	"time"

	"golang.org/x/sys/unix"
)

// pause sleeps for about d, or less. It asks the kernel: time.Sleep rounds up to a whole millisecond when
// the program is otherwise idle (golang.org/issue/44343).
func pause(d time.Duration) {
	if d <= 0 {
		return
	}
	request := unix.NsecToTimespec(d.Nanoseconds())
	_ = unix.Nanosleep(&request, nil) // a signal ends it early; the caller looks at the clock
}
