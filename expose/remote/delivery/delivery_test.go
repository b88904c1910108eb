package delivery_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/rs/zerolog"

	"weir/expose/remote/delivery"
)

// receiver answers requests of a target without a network.
type receiver struct {
	mu       sync.Mutex
	answer   func(body string) (*http.Response, error) // nil accepts all
	accepted []string
	requests int
}

func (r *receiver) RoundTrip(request *http.Request) (*http.Response, error) {
	sent, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	raw, err := s2.Decode(nil, sent)
	if err != nil {
		return nil, err
	}
	body := string(raw)
	r.mu.Lock()
	r.requests++
	answer := r.answer
	r.mu.Unlock()
	response := status(204)
	if answer != nil {
		if response, err = answer(body); err != nil {
			return nil, err
		}
	}
	if response == nil { // it hangs
		<-request.Context().Done()
		return nil, request.Context().Err()
	}
	if response.StatusCode/100 == 2 {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.accepted = append(r.accepted, body)
	}
	return response, nil
}

func (r *receiver) attempts() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests
}

func (r *receiver) set(answer func(body string) (*http.Response, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func status(code int, header ...string) *http.Response {
	response := &http.Response{
		StatusCode: code, Status: http.StatusText(code), Header: http.Header{}, Body: io.NopCloser(strings.NewReader("a reason")),
	}
	for i := 0; i < len(header); i += 2 {
		response.Header.Set(header[i], header[i+1])
	}
	return response
}

// always answers every request alike.
func always(code int, header ...string) func(string) (*http.Response, error) {
	return func(string) (*http.Response, error) { return status(code, header...), nil }
}

// running is a target that has been started, with its receiver and its log.
type running struct {
	*delivery.Target
	*receiver

	t   *testing.T
	log bytes.Buffer
}

func start(t *testing.T, change func(*delivery.Options)) *running {
	t.Helper()
	x := &running{t: t, receiver: &receiver{}}
	o := delivery.Options{
		Name: "mimir", URL: "http://mimir/push", Timeout: 30 * time.Second, QueueBytes: 1 << 20, Transport: x.receiver,
		Version: "1",
	}
	o.Backoff.Min, o.Backoff.Max = 100*time.Millisecond, 10*time.Second
	o.Spool.MaxBytes, o.Spool.MaxAge = 1<<20, 50*time.Minute
	change(&o)
	x.Target = delivery.New(o, zerolog.New(zerolog.SyncWriter(&x.log)))
	if err := x.Open(); err != nil {
		t.Fatal(err)
	}
	x.Start()
	return x
}

func usual(*delivery.Options) {}

// put puts a block of 10 samples.
func (x *running) put(body string, change ...func(*delivery.Block)) {
	b := delivery.Block{Made: time.Now(), Samples: 10, Body: s2.EncodeSnappy(nil, []byte(body))}
	for _, f := range change {
		f(&b)
	}
	x.Put(b)
}

// want compares what has become of all samples, as "made sent rejected dropped unknown waiting".
func (x *running) want(want string) {
	x.t.Helper()
	s := x.Stats()
	if got := fmt.Sprint(s.Made, s.Sent, s.Rejected, s.Dropped, s.Unknown, s.Waiting); got != want {
		x.t.Errorf("made, sent, rejected, dropped, unknown, waiting: %s, want %s; the log:\n%s", got, want, x.log.String())
	}
}

func (x *running) wantAccepted(want ...string) {
	x.t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	if !slices.Equal(x.accepted, want) {
		x.t.Errorf("accepted %q, want %q", x.accepted, want)
	}
}

func (x *running) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	x.Close(ctx)
}

// wait lets time pass, and all goroutines come to rest.
func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := start(t, usual)
		for i := range 5 {
			x.put(fmt.Sprint(i))
		}
		wait(0)
		x.wantAccepted("0", "1", "2", "3", "4")
		x.want("50 50 0 0 0 0")
		if s := x.Stats(); s.LastSuccess.IsZero() || s.Requests[204] != 5 || s.QueueBytes != 0 || !s.Oldest.IsZero() {
			t.Errorf("%+v", s)
		}
		x.close()
	})
}

// Whatever goes wrong for a while, the same bytes are sent again, in order, and nothing is lost.
func TestSentAgain(t *testing.T) {
	f := func(name string, answer func(string) (*http.Response, error)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := start(t, usual)
				x.set(answer)
				x.put("a")
				x.put("b")
				wait(5 * time.Minute)
				x.want("20 0 0 0 0 20")
				if s := x.Stats(); s.LastError == "" || s.Oldest.IsZero() || s.QueueBytes == 0 {
					t.Errorf("%+v", s)
				}
				x.set(nil)
				wait(90 * time.Second)
				x.wantAccepted("a", "b")
				x.want("20 20 0 0 0 0")
				x.close()
			})
		})
	}
	refuses := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	f("refused connections", func(string) (*http.Response, error) { return nil, refuses })
	f("503", always(503))
	f("503 with Retry-After of a day", always(503, "Retry-After", "86400"))
	f("429", always(429))
	f("502", always(502))
	f("cut answers", func(string) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
	f("no answer", func(string) (*http.Response, error) { return nil, nil })
}

// Retry-After is kept to, up to a minute.
func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := start(t, usual)
		x.set(always(503, "Retry-After", "86400"))
		x.put("a")
		wait(59 * time.Second)
		if got := x.attempts(); got != 1 {
			t.Errorf("%d requests within the minute", got)
		}
		wait(2 * time.Second)
		if got := x.attempts(); got != 2 {
			t.Errorf("%d requests after the minute, want 2", got)
		}
		x.close()
	})
}

// A request that the receiver refuses is counted and costs no other.
func TestRejected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := start(t, usual)
		x.set(func(body string) (*http.Response, error) {
			if body == "b" {
				return status(400), nil
			}
			return status(204), nil
		})
		x.put("a")
		x.put("b", func(b *delivery.Block) { b.Holds = delivery.Births })
		x.put("c")
		wait(0)
		x.wantAccepted("a", "c")
		x.want("30 20 10 0 0 0")
		if got := x.Stats().LostBirths; got != 10 {
			t.Errorf("%d births lost, want 10", got)
		}
		if !strings.Contains(x.log.String(), "a reason") {
			t.Errorf("the log has no sentence of the receiver: %s", x.log.String())
		}
		x.close()
	})
}

// One block that gets 500 for ever stops no other, and is refused when another one is accepted.
func TestPoisoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := start(t, usual)
		x.set(func(body string) (*http.Response, error) {
			if strings.HasPrefix(body, "bad") {
				return status(500), nil
			}
			return status(204), nil
		})
		x.put("a")
		x.put("bad")
		wait(5 * time.Minute)
		x.want("20 10 0 0 0 10") // nothing says whether the block or the receiver is bad
		x.put("c")
		wait(time.Minute)
		x.wantAccepted("a", "c")
		x.want("30 20 10 0 0 0")
		x.close()
	})
}

// Native histograms that a receiver does not take are dropped after some tries, and tried again later.
func TestNativesRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := start(t, usual)
		native := func(b *delivery.Block) { b.Holds = delivery.Natives }
		x.set(func(body string) (*http.Response, error) {
			if strings.HasPrefix(body, "native") {
				return status(500), nil
			}
			return status(204), nil
		})
		x.put("native 1", native)
		x.put("a")
		wait(10 * time.Second)
		x.wantAccepted("a")
		x.want("20 10 10 0 0 0")
		x.put("native 2", native)
		wait(0)
		x.want("30 10 10 10 0 0")
		x.set(nil)
		wait(2 * time.Minute)
		x.put("native 3", native)
		x.put("native 4", native)
		wait(0)
		x.wantAccepted("a", "native 3", "native 4")
		x.close()
	})
}

// Nothing is tried for ever.
func TestTooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := start(t, usual)
		x.set(always(503))
		x.put("a")
		wait(49 * time.Minute)
		x.put("b")
		wait(2 * time.Minute)
		x.want("20 0 0 10 0 10")
		x.set(nil)
		wait(time.Minute)
		x.wantAccepted("b")
		x.close()
	})
}

// A receiver that knows only 1.0 gets all as 1.0, from the first block on.
func TestFallBack(t *testing.T) {
	f := func(name string, answer func(string) (*http.Response, error)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := start(t, func(o *delivery.Options) {
					o.Protocol = delivery.RemoteWrite2
					o.Downgrade = func(b delivery.Block) (delivery.Block, error) {
						raw, err := s2.Decode(nil, b.Body)
						b.Protocol, b.Body = delivery.RemoteWrite1, s2.EncodeSnappy(nil, []byte("old "+string(raw)))
						return b, err
					}
				})
				x.set(answer)
				two := func(b *delivery.Block) { b.Protocol = delivery.RemoteWrite2 }
				x.put("a", two)
				x.put("b", two)
				wait(0)
				x.mu.Lock()
				accepted := slices.DeleteFunc(slices.Clone(x.accepted), func(s string) bool { return s == "a" })
				x.mu.Unlock()
				if !slices.Equal(accepted, []string{"old a", "old b"}) || x.Protocol() != delivery.RemoteWrite1 {
					t.Errorf("accepted %q, protocol %v", x.accepted, x.Protocol())
				}
				x.want("20 20 0 0 0 0")
				x.close()
			})
		})
	}
	f("415", func(body string) (*http.Response, error) {
		if !strings.HasPrefix(body, "old") {
			return status(415), nil
		}
		return status(204), nil
	})
	f("no word of what was written", always(204))
	synctest.Test(t, func(t *testing.T) { // a confirmed zero is no failure
		x := start(t, func(o *delivery.Options) { o.Protocol = delivery.RemoteWrite2 })
		x.set(always(204, "X-Prometheus-Remote-Write-Samples-Written", "0"))
		x.put("a", func(b *delivery.Block) { b.Protocol = delivery.RemoteWrite2 })
		wait(0)
		x.want("10 10 0 0 0 0")
		if got := x.Protocol(); got != delivery.RemoteWrite2 {
			t.Errorf("protocol %v", got)
		}
		x.close()
	})
}

// What may have been taken is not sent twice where increments are pushed.
func TestAtMostOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := start(t, func(o *delivery.Options) { o.AtMostOnce = true })
		refused := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
		tries := map[string]int{}
		x.set(func(body string) (*http.Response, error) {
			tries[body]++
			switch {
			case body == "cut":
				return nil, io.ErrUnexpectedEOF
			case body == "500":
				return status(500), nil
			case body == "503" && tries[body] == 1:
				return status(503), nil
			case body == "refused" && tries[body] == 1:
				return nil, refused
			default:
				return status(204), nil
			}
		})
		for _, body := range []string{"cut", "500", "503", "refused", "good"} {
			x.put(body)
		}
		wait(time.Minute)
		x.wantAccepted("503", "refused", "good")
		x.want("50 30 0 0 20 0")
		x.close()
	})
}
