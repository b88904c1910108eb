package poll

import (
	"context"
	"fmt"
	"time"
)

// The pause between two tries begins with firstPause and doubles up to longestPause: what takes a moment is
// seen at once, and what takes longer does not keep a core busy.
const (
	firstPause   = time.Millisecond
	longestPause = 32 * time.Millisecond
)

// Until calls try until it returns nil. When ctx ends first, Until returns an error that wraps the cause of
// that and the error of the last try. It tries at least once.
func Until(ctx context.Context, try func() error) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := try()
		if err == nil {
			return nil
		}
		timer.Reset(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			return fmt.Errorf("%w; the last try: %w", context.Cause(ctx), err)
		}
	}
}

// Test is the part of a *testing.T that Within needs.
type Test interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Within calls try until it returns nil, and ends the test when it still returns an error after limit.
func Within(t Test, limit time.Duration, try func() error) {
	t.Helper()
	gaveUp := fmt.Errorf("gave up after %v", limit)
	ctx, cancel := context.WithTimeoutCause(context.Background(), limit, gaveUp)
	defer cancel()
	if err := Until(ctx, try); err != nil {
		t.Fatalf("%v", err)
	}
}
