package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/prometheus/client_golang/exp/api/remote"
)

const (
	// mostAnswer is how much of an answer is read, in bytes.
	mostAnswer = 64 << 10

	// longestRetryAfter bounds what a receiver asks for: a day's silence would cost a day's resolution.
	longestRetryAfter = time.Minute
)

// answer is what came of one attempt.
type answer struct {
	code       int // 0: none
	text       string
	retryAfter time.Duration
	confirmed  bool // a 2.0 receiver said how much it has written
	isSent     bool // the request left this machine, perhaps not whole
}

func (a *answer) isAccepted() bool { return a.code/100 == 2 }

// client makes attempts.
type client struct {
	api     *remote.API
	http    *http.Client
	url     string
	version string
	headers map[string]string
	timeout time.Duration
	base    http.RoundTripper
	last    atomic.Pointer[answer] // of the attempt under way
}

func newClient(o *Options) (*client, error) {
	c := &client{url: o.URL, version: o.Version, headers: o.Headers, timeout: o.Timeout, base: o.Transport}
	if c.base == nil {
		c.base = http.DefaultTransport
	}
	c.http = &http.Client{
		Transport:     c,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	api, err := remote.NewAPI(o.URL, remote.WithAPIPath(""), remote.WithAPIHTTPClient(c.http))
	if err != nil {
		return nil, fmt.Errorf("url: %w", err)
	}
	c.api = api
	return c, nil
}

// RoundTrip implements http.RoundTripper. It guards what the API does not: the header User-Agent, bodies
// without end, and the status, which the API tells only as text.
func (c *client) RoundTrip(request *http.Request) (*http.Response, error) {
	request.Header.Set("User-Agent", "weir/"+c.version)
	for name, value := range c.headers {
		request.Header.Set(name, value)
	}
	a := &answer{isSent: true}
	c.last.Store(a)
	response, err := c.base.RoundTrip(request)
	if err != nil {
		a.isSent, a.text = !isRefused(err), err.Error()
		return nil, err
	}
	a.code, a.retryAfter = response.StatusCode, retryAfter(response.Header.Get("Retry-After"))
	for name := range response.Header {
		what, isOurs := strings.CutPrefix(name, "X-Prometheus-Remote-Write-")
		a.confirmed = a.confirmed || isOurs && strings.HasSuffix(what, "-Written")
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	_ = response.Body.Close()
	a.text = strings.TrimSpace(string(text))
	if err != nil && a.text == "" {
		a.text = err.Error()
	}
	response.Header.Del("Retry-After") // the pause is ours
	response.Body = io.NopCloser(strings.NewReader(a.text))
	return response, nil
}

// isRefused reports whether a request has surely not reached the receiver.
func isRefused(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// retryAfter reads the header of that name, in seconds or as a date.
func retryAfter(text string) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(0, seconds), int(longestRetryAfter.Seconds()))) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(0, time.Until(at)), longestRetryAfter)
}

// message is a request that is encoded already, for the API.
type message []byte

func (m message) SizeVT() int                                  { return len(m) }
func (m message) MarshalToSizedBufferVT(b []byte) (int, error) { return copy(b, m), nil }

// attempt sends a block once.
func (c *client) attempt(ctx context.Context, b *Block) answer {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	c.last.Store(&answer{})
	var err error
	if b.Protocol == OTLP {
		err = c.postOTLP(ctx, b)
	} else {
		err = c.write(ctx, cancel, b)
	}
	a := *c.last.Load()
	if a.code == 0 && a.text == "" && err != nil {
		a.text = err.Error()
	}
	return a
}

// write sends a block of remote write. The API compresses what it is given: the same bytes each time.
func (c *client) write(ctx context.Context, cancel func(), b *Block) error {
	request, err := s2.Decode(nil, b.Body)
	if err != nil {
		return err
	}
	typ := remote.WriteV1MessageType
	if b.Protocol == RemoteWrite2 {
		typ = remote.WriteV2MessageType
	}
	once := remote.WithWriteRetryCallback(func(error) { cancel() }) // run decides what is sent again
	_, err = c.api.Write(ctx, typ, message(request), once)
	return err
}

func (c *client) postOTLP(ctx context.Context, b *Block) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, strings.NewReader(string(b.Body)))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	request.Header.Set("Content-Encoding", "gzip")
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}
