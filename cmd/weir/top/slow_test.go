package top_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"weir/cmd/weir/api"
	"weir/cmd/weir/top"
)

// A key ends it while weir does not answer, before the first answer too.
func TestKeysOfSlowWeir(t *testing.T) {
	for _, answers := range []int{0, 1} {
		asked := make(chan struct{}, 1)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case !strings.HasSuffix(r.URL.Path, "/status"):
				fmt.Fprint(w, `{"status":"success","data":{}}`)
			case answers > 0:
				answers--
				fmt.Fprint(w, `{"status":"success","data":{"health":{"text":"healthy"}}}`)
			default:
				asked <- struct{}{}
				<-r.Context().Done()
			}
		}))
		defer server.Close()
		c, err := api.New(api.Options{URL: server.URL})
		if err != nil {
			t.Fatal(err)
		}
		keys, ended := make(chan byte), make(chan error, 1)
		terminal := &top.Terminal{Out: &screen{drew: make(chan struct{}, 1)}, Keys: keys, Size: func() (int, int) { return 80, 24 }}
		go func() { ended <- top.Run(t.Context(), c, options(), terminal) }() // ends with the key
		<-asked
		keys <- 'q'
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// A terminal of another size gets a new picture at once.
func TestResize(t *testing.T) {
	f := start(t)
	resized, keys, ended := make(chan os.Signal), make(chan byte), make(chan error, 1)
	s := &screen{drew: make(chan struct{}, 1)}
	var columns atomic.Int64
	columns.Store(200)
	o := options()
	o.Interval = time.Hour
	terminal := &top.Terminal{Out: s, Keys: keys, Resized: resized, Size: func() (int, int) { return int(columns.Load()), 40 }}
	go func() { ended <- top.Run(t.Context(), f.client, o, terminal) }() // ends with the key
	s.await(t, "18,204 lines/s, none lost uncounted")
	columns.Store(10)
	resized <- syscall.SIGWINCH
	s.await(t, "18,204 li\u2026")
	keys <- 'q'
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A part of the API that does not answer is named, and its table is not shown as if it were empty.
func TestMissingPart(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/families") {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, `{"status":"error","errorType":"unavailable","error":"metrics are not counted\u001b[2J"}`)
			return
		}
		fmt.Fprint(w, `{"status":"success","data":{}}`)
	}))
	defer server.Close()
	c, err := api.New(api.Options{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	o := options()
	if err := top.Once(t.Context(), c, &o, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `! no answer about families: metrics are not counted\x1b[2J`) || strings.Contains(out.String(), "METRIC") {
		t.Error(out.String())
	}
}
