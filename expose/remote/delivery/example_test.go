package delivery_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/rs/zerolog"

	"weir/expose/remote/delivery"
)

// A receiver is away for one request; the block is sent again.
func Example() {
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Println(r.Header.Get("User-Agent"), r.Header.Get("X-Prometheus-Remote-Write-Version"))
	}))
	defer server.Close()

	o := delivery.Options{Name: "here", URL: server.URL, Timeout: time.Second, QueueBytes: 1 << 20, Version: "1.0.0"}
	o.Backoff.Min, o.Backoff.Max, o.Spool.MaxAge = time.Millisecond, time.Second, time.Hour
	target := delivery.New(o, zerolog.Nop())
	if err := target.Open(); err != nil {
		panic(err)
	}
	target.Start()
	target.Put(delivery.Block{Made: time.Now(), Samples: 3, Body: s2.EncodeSnappy(nil, []byte("a request"))})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	target.Close(ctx)
	s := target.Stats()
	fmt.Println("made", s.Made, "sent", s.Sent)
	// Output:
	// weir/1.0.0 0.1.0
	// weir/1.0.0 0.1.0
	// made 3 sent 3
}
