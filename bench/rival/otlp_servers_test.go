package rival_test

import (
	"bytes"
	stdcmp "cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/labels"

	"weir/aggregate"
	"weir/bench/process"
	"weir/expose/remote/point"
	"weir/internal/poll"
)

// server is a program that takes OTLP and answers PromQL.
type server struct {
	name, program, install string

	path  string            // where it takes requests
	flush string            // makes taken samples visible to queries; "" where they are at once
	flags []string          // beside where it listens and keeps its data
	names map[string]string // of labels, where it has others
	// listen and data are the flags' names.
	listen, data string
	hasNative    bool
}

var otlpServers = []server{
	{
		name: "Prometheus", program: "prometheus3", install: "make prometheus3", path: "/api/v1/otlp/v1/metrics",
		flags:  []string{"--web.enable-otlp-receiver", "--log.level=warn"},
		listen: "--web.listen-address=", data: "--storage.tsdb.path=", hasNative: true,
	},
	{
		name: "VictoriaMetrics", program: "victoria-metrics", install: "make victoria",
		path: "/opentelemetry/v1/metrics", flush: "/internal/force_flush",
		flags:  []string{"-search.latencyOffset=0s", "-search.disableCache", "-loggerLevel=WARN"},
		listen: "-httpListenAddr=", data: "-storageDataPath=",
		names: map[string]string{"service.name": "job", "service.instance.id": "instance"},
	},
}

// Servers take requests of every type, and then answer queries with what a scrape has. Stale points end every series at
// once.
func TestOTLPServers(t *testing.T) {
	for _, s := range otlpServers {
		t.Run(s.name, func(t *testing.T) {
			registry := aggregate.New(s.options())
			record(registry.NewShard(), []string{
				"web.hits:3|c|#status:200,job:shop", "web.hits:2|c|#status:500", "queue.depth:-5|g", "users:a|s", "users:b|s",
				"db.time:5|ms", "db.time:250|ms", "db.time:11000|ms", "size:0.05|h|#zone:ü", `path:1|c|#dir:C\x`,
			})
			want, at, now := scrapeSeries(t, registry).floats, s.start(t), time.Now().UnixMilli()
			at.push(t, otlpRequests(registry, point.Point{At: now}))
			at.await(t, everything, want)
			if s.hasNative {
				at.await(t, "histogram_count(db_time)", map[string]float64{`{instance="here", job="weir"}`: 3})
				at.await(t, "histogram_sum(db_time)", map[string]float64{`{instance="here", job="weir"}`: 11.255})
			}
			at.push(t, otlpRequests(registry, point.Point{At: now + 1, What: point.Stale}))
			at.await(t, everything, map[string]float64{})
		})
	}
}

// everything selects all series of weir, whichever name their job has.
const everything = `{__name__!="",job!="self"}`

func (s *server) options() aggregate.Options {
	options := aggregate.DefaultOptions()
	if s.hasNative {
		options.Timers.Observer = aggregate.ObserverBoth
	}
	return options
}

// running is a server that was started.
type running struct {
	*server
	*process.Process
}

func (s *server) start(t *testing.T) running {
	t.Helper()
	path := filepath.Join("..", "..", "bin", s.program)
	if _, err := os.Stat(path); err != nil {
		process.Missing(t, "run "+s.install)
	}
	config := filepath.Join(t.TempDir(), "prometheus.yml")
	if err := os.WriteFile(config, []byte("otlp: {translation_strategy: NoTranslation}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	return running{s, process.Start(t, &process.Program{
		Path: path, StartLimit: waitLimit,
		Args: func(at process.Addresses) ([]string, error) {
			flags := append(slices.Clone(s.flags), s.listen+at.HTTP, s.data+data)
			if s.hasNative {
				flags = append(flags, "--config.file="+config)
			}
			return flags, nil
		},
		Ready: func(ctx context.Context, p *process.Process) error {
			_, err := p.Get(ctx, "/-/ready", "")
			return err
		},
	})}
}

// push posts requests, which the server must accept.
func (s running) push(t *testing.T, requests [][]byte) {
	t.Helper()
	for _, request := range requests {
		answer, err := client.Post("http://"+s.HTTP+s.path, "application/x-protobuf", bytes.NewReader(request))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: %v", answer.Status, body, err)
		}
	}
	if s.flush != "" {
		if _, err := s.Get(t.Context(), s.flush, ""); err != nil {
			t.Fatal(err)
		}
	}
}

// await waits until a query has the floats wanted as its answer.
func (s running) await(t *testing.T, query string, want map[string]float64) {
	t.Helper()
	var diff string
	defer func() {
		if t.Failed() {
			t.Logf("%s: want-, got+\n%s", query, diff)
		}
	}()
	poll.Within(t, waitLimit, func() error {
		got, err := s.query(query)
		if diff = cmp.Diff(want, got); err != nil || diff != "" {
			return errors.Join(err, errNotYet)
		}
		return nil
	})
}

// query returns the floats in the answer to a query.
func (s running) query(query string) (map[string]float64, error) {
	answer, err := client.Get("http://" + s.HTTP + "/api/v1/query?query=" + url.QueryEscape(query))
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var body struct {
		Error string
		Data  struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any // absent from histograms
			}
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil || body.Error != "" {
		return nil, fmt.Errorf("%s: %s %w", answer.Status, body.Error, err)
	}
	got := newSeries()
	for _, r := range body.Data.Result {
		text, isFloat := r.Value[1].(string)
		if !isFloat {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, err
		}
		b := labels.NewBuilder(labels.EmptyLabels())
		for name, value := range r.Metric {
			b.Set(stdcmp.Or(s.names[name], name), value)
		}
		got.add(b.Labels(), v, nil, nil)
	}
	return got.floats, nil
}
