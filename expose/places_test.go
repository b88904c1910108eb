package expose_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"weir/expose"
	"weir/expose/status"
	"weir/expose/status/wire"
)

// lines answers questions for lines: each waits until it is released, or its answer is long.
type lines struct {
	status.Lines
	asked, release chan struct{}
	text           string
}

func (l lines) Tail(context.Context, wire.TailQuery) (wire.Tail, error) {
	l.asked <- struct{}{}
	<-l.release
	return wire.Tail{Lines: []wire.Line{{Sent: wire.Sent{Line: l.text}}}}, nil
}

const followLines = "GET /api/v1/tail HTTP/1.1\r\nHost: localhost\r\n\r\n"

// serveLines serves an API whose answers about lines have a text.
func serveLines(t *testing.T, text string) (*target, lines) {
	t.Helper()
	x := prepare(t, nothing, expose.Observers{}, nil)
	l := lines{asked: make(chan struct{}, 1000), release: make(chan struct{}), text: text}
	x.SetStatus(status.New(status.Sources{Lines: l}))
	x.start(t)
	return x, l
}

// Questions that wait cost a scrape of the same client nothing: they have places of their own, fewer than one
// client has. Another question is told to come back.
func TestWaitingQuestionsCostNoScrape(t *testing.T) {
	x, l := serveLines(t, "")
	_, answered := x.MaxPerClient()
	var waiting []net.Conn
	for range answered / 2 {
		waiting = append(waiting, x.raw(t, followLines))
		<-l.asked
	}
	for range answered {
		answer, _ := readAnswer(x.raw(t, followLines))
		if !strings.HasPrefix(answer, "HTTP/1.1 429 ") || !strings.Contains(answer, "Retry-After: 1\r\n") {
			t.Fatalf("one more question: %s", answer)
		}
		if response, _ := x.do(t, "GET", "/metrics"); response.StatusCode != 200 {
			t.Fatalf("a scrape: %d", response.StatusCode)
		}
	}
	close(l.release)
	for _, c := range waiting {
		if answer, _ := readAnswer(c); !strings.HasPrefix(answer, "HTTP/1.1 200 ") {
			t.Errorf("a question that waited: %s", answer)
		}
	}
	if response, body := x.do(t, "GET", "/api/v1/tail"); response.StatusCode != 200 {
		t.Errorf("after those: %d %s", response.StatusCode, body)
	}
	x.until(t, "no answer is under way", func(s expose.Stats) bool { return s.InFlight == 0 })
}

// An answer keeps its place until it is sent, or its client is gone: clients that do not read cannot make weir
// keep any number of long answers.
func TestAnswersThatNobodyReadsAreBounded(t *testing.T) {
	x, l := serveLines(t, strings.Repeat("x", 8<<20)) // more than the kernel takes
	close(l.release)
	_, answered := x.MaxPerClient()
	var stalled []net.Conn
	for range answered / 2 {
		stalled = append(stalled, x.raw(t, followLines))
		<-l.asked
	}
	if answer, _ := readAnswer(x.raw(t, followLines)); !strings.HasPrefix(answer, "HTTP/1.1 429 ") {
		t.Fatalf("one more question: %.100s", answer)
	}
	for _, c := range stalled {
		_ = c.Close()
	}
	x.until(t, "no answer is under way", func(s expose.Stats) bool { return s.InFlight == 0 })
	if response, _ := x.do(t, "GET", "/api/v1/tail"); response.StatusCode != 200 {
		t.Errorf("after those: %d", response.StatusCode)
	}
	if response, body := x.do(t, "HEAD", "/api/v1/tail"); response.StatusCode != 200 || body != "" ||
		response.ContentLength < 8<<20 {
		t.Errorf("HEAD: %d, %d bytes", response.StatusCode, response.ContentLength)
	}
	x.until(t, "no answer is under way", func(s expose.Stats) bool { return s.InFlight == 0 })
}

// readAnswer reads the first bytes of an answer.
func readAnswer(c net.Conn) (string, error) {
	b := make([]byte, 1000)
	n, err := c.Read(b)
	return string(b[:n]), err
}
