package production

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/cmd/weir/losses"
	"weir/cmd/weir/self"
	"weir/config"
	"weir/expose"
	"weir/expose/guard"
	"weir/ingest"
	"weir/protocol"
)

// waitLimit bounds each wait for an instance: a request, a line that is read, a stop.
const waitLimit = 10 * time.Second

// instance is weir on loopback, for one check.
type instance struct {
	config   config.Config
	registry *aggregate.Registry
	shard    *aggregate.Shard // belongs to the goroutine of the check
	ingest   *ingest.Server
	expose   *expose.Server
	losses   *losses.Log
	log      *logBuffer
	client   http.Client
	served   sync.WaitGroup
}

// logBuffer keeps the log of an instance.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

// Write implements io.Writer.
func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// has reports whether text was logged.
func (b *logBuffer) has(text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Contains(b.text.Bytes(), []byte(text))
}

// start starts an instance as c wants it, except that it listens on loopback, keeps no state, copies no
// lines, shows weir's own families, and lets everybody read as often as they like. Change puts back what a
// check is about. The caller calls stop.
func start(c *config.Config, change func(*config.Config)) (*instance, error) {
	x := &instance{config: *c, log: &logBuffer{}, client: http.Client{
		Timeout: waitLimit, Transport: &http.Transport{DisableCompression: true},
	}}
	o := &x.config
	o.Ingest.UDP, o.Ingest.TCP = nil, []string{"127.0.0.1:0"}
	o.Ingest.Unix, o.Ingest.Unixgram, o.Ingest.Relay = "", "", nil
	o.Expose.Endpoint.Listen, o.Expose.Endpoint.WebConfigFile = "127.0.0.1:0", ""
	o.Expose.Endpoint.Lifecycle, o.Expose.Endpoint.Pprof = false, false
	o.Expose.Self.Expose = true
	o.Expose.Authentication, o.Expose.RateLimiting.Enabled = guard.DefaultOptions(), false
	if change != nil {
		change(o)
	}
	metrics, err := self.New(o, self.Build{})
	if err != nil {
		return nil, err
	}
	reserved, err := metrics.Names()
	if err != nil {
		return nil, err
	}
	level, err := zerolog.ParseLevel(o.Log.Level)
	if err != nil {
		return nil, fmt.Errorf("log.level: %w", err)
	}
	log := zerolog.New(x.log).Level(level)
	x.registry = aggregate.New(o.Aggregate, reserved...)
	x.shard = x.registry.NewTaggedShard(o.Ingest.Tagging())
	x.ingest = ingest.NewServer(o.Ingest, x.registry, log)
	x.expose = expose.NewServer(o.Expose, x.registry, metrics.Gatherer(), metrics.Observers(), log)
	x.losses = losses.New(x.registry, x.ingest, log)
	metrics.SetSources(self.Sources{
		Registry: x.registry, Ingest: x.ingest, Expose: x.expose,
		Reload: func() self.Reload { return self.Reload{Successful: true} },
	})
	err = x.listen()
	return x, err
}

func (x *instance) listen() error {
	if err := x.expose.Listen(); err != nil {
		return err
	}
	if err := x.ingest.Start(); err != nil {
		return errors.Join(err, x.expose.Close(context.Background()))
	}
	x.expose.SetReady(true)
	x.served.Go(func() { _ = x.expose.Serve() }) // ends when stop closes it; requests show an error
	return nil
}

// stop ends the instance and waits for its end. An error means only that it took too long.
func (x *instance) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
	defer cancel()
	x.client.CloseIdleConnections()
	_ = errors.Join(x.ingest.Close(ctx), x.expose.Close(ctx))
	x.served.Wait()
}

// record records the samples of text and returns the reason of the last.
func (x *instance) record(text string) (last protocol.Reason) {
	decoder := x.config.Ingest.Decoder()
	decoder.Reset([]byte(text))
	for decoder.Next() {
		for sample, err := decoder.Sample(); sample != nil || err != nil; sample, err = decoder.Sample() {
			if err != nil {
				last = err.Reason
				continue
			}
			last = x.shard.Record(sample)
		}
	}
	return last
}

// send sends a line over TCP.
func (x *instance) send(ctx context.Context, line string) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", x.ingest.Listeners()[0].Address)
	if err != nil {
		return fmt.Errorf("send a line: %w", err)
	}
	_, err = io.WriteString(conn, line+"\n")
	return errors.Join(err, conn.Close())
}

// answer is a response with its body.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// get requests the metrics, as a scraper with these headers does: pairs of name and value.
func (x *instance) get(ctx context.Context, headers ...string) (answer, error) {
	url := "http://" + x.expose.Addr().String() + x.config.Expose.Endpoint.Path
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return answer{}, fmt.Errorf("request the metrics: %w", err)
	}
	request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "10")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := x.client.Do(request)
	if err != nil {
		return answer{}, fmt.Errorf("request the metrics: %w", err)
	}
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return answer{}, fmt.Errorf("read the metrics: %w", err)
	}
	return answer{response.StatusCode, response.Header, body}, nil
}
