package poll_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"weir/internal/poll"
)

var errNotYet = errors.New("not yet")

// An index is built in the background; poll waits for it.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tries := 0
	err := poll.Until(ctx, func() error {
		if tries++; tries < 3 {
			return errNotYet
		}
		return nil
	})
	fmt.Println(tries, err)
	// Output: 3 <nil>
}

// The first success ends the wait, after pauses that grow to 32 ms and no further.
func TestUntilSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, tries := time.Now(), 0
		err := poll.Until(t.Context(), func() error {
			if tries++; tries <= 10 {
				return errNotYet
			}
			return nil
		})
		const want = (1 + 2 + 4 + 8 + 16 + 5*32) * time.Millisecond
		if took := time.Since(began); err != nil || took != want {
			t.Errorf("ten failures took %v, %v, want %v", took, err, want)
		}
	})
}

// The error tells why the wait ended and what the last try said; one that has ended before is tried once.
func TestUntilGivesUp(t *testing.T) {
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	tries := 0
	err := poll.Until(ctx, func() error {
		if tries++; tries == 3 {
			cancel(stopped)
		}
		return errNotYet
	})
	if !errors.Is(err, stopped) || !errors.Is(err, errNotYet) || tries != 3 {
		t.Errorf("%d tries, %v, want 3, %v and %v", tries, err, stopped, errNotYet)
	}
	if err := poll.Until(ctx, func() error { return nil }); err != nil {
		t.Errorf("a success after the end: %v, want none", err)
	}
}

// failing is a test that notes how it fails.
type failing struct{ message string }

func (*failing) Helper() {}

func (f *failing) Fatalf(format string, args ...any) { f.message = fmt.Sprintf(format, args...) }

func TestWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inner failing
		poll.Within(&inner, time.Second, func() error { return nil })
		if inner.message != "" {
			t.Errorf("a success fails the test with %q", inner.message)
		}
		poll.Within(&inner, time.Second, func() error { return errNotYet })
		if want := "gave up after 1s; the last try: not yet"; inner.message != want {
			t.Errorf("the test failed with %q, want %q", inner.message, want)
		}
	})
}
