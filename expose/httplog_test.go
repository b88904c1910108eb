package expose_test

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"weir/expose"
)

// safeBuffer is a log that goroutines of fasthttp write and a test reads.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String returns what was written.
func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// Whatever is wrong with a request, no level of the log shows what it holds: it may be a token.
func TestLogHasNoTokens(t *testing.T) {
	var log safeBuffer
	o := expose.DefaultOptions()
	o.Endpoint.Listen = "127.0.0.1:0"
	protect(t)(&o)
	x := prepare(t, nothing, expose.Observers{}, nil)
	x.Server = expose.NewServer(o, x.registry, prometheus.NewRegistry(), expose.Observers{},
		zerolog.New(&log).Level(zerolog.TraceLevel))
	x.start(t)
	for _, request := range []string{
		"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sec\x01ret\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sec\x00ret\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\x7f\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization Bearer secret\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization\x01: Bearer secret\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: x\r\nBearer secret\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: x\r\n Authorization: Bearer secret\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Bearer secret\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: secret\r\n\r\n",
		"GET /metrics HTTP/secret\r\nHost: x\r\n\r\n",
		"GET /metrics?secret HTTP/1.1\r\nHost: secret\x01\r\n\r\n",
		"GET http://[secret/ HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a secret\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Basic secret\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: secret\r\n\r\n",
		"Bearer secret\r\n\r\n",
	} {
		c := x.raw(t, request)
		_ = c.CloseWrite()
		if answer, _ := io.ReadAll(c); strings.Contains(string(answer), "ret") {
			t.Errorf("%q is answered %q", request, answer)
		}
	}
	if text := log.String(); strings.Contains(text, "sec") || strings.Contains(text, "ret") {
		t.Errorf("the log has a secret in it:\n%s", text)
	}
	if !strings.Contains(log.String(), `"cause":"malformed request"`) {
		t.Errorf("the log does not say that requests were malformed:\n%s", log.String())
	}
}
