package main

import (
	"net"
	"time"

	"github.com/go-kit/kit/metrics/dogstatsd"
	"github.com/go-kit/log"
	"github.com/hashicorp/go-metrics"
)

func openGoMetrics(network, address string) (*client, error) {
	var sink interface {
		metrics.ShutdownSink
		metrics.PrecisionGaugeMetricSink
	}
	var err error
	if network == "tcp" {
		sink, err = metrics.NewStatsiteSink(address)
	} else {
		sink, err = metrics.NewStatsdSink(address)
	}
	if err != nil {
		return nil, err
	}
	return &client{
		count: func(name string, n int) { sink.IncrCounter([]string{name}, float32(n)) },
		gauge: func(name string, value float64) { sink.SetPrecisionGauge([]string{name}, value) },
		timing: func(name string, t time.Duration) {
			sink.AddSample([]string{name}, float32(t.Milliseconds()))
		},
		close: func() error {
			sink.Shutdown()
			return nil
		},
	}, nil
}

func openGoKit(network, address string) (*client, error) {
	c, err := net.Dial(network, address)
	if err != nil {
		return nil, err
	}
	d := dogstatsd.New("", log.NewNopLogger())
	return &client{
		count: func(name string, n int) { d.NewCounter(name, 1).Add(float64(n)) },
		tagged: func(name string, n int, key, value string) {
			d.NewCounter(name, 1).With(key, value).Add(float64(n))
		},
		gauge: func(name string, value float64) { d.NewGauge(name).Set(value) },
		timing: func(name string, t time.Duration) {
			d.NewTiming(name, 1).Observe(float64(t.Milliseconds()))
		},
		close: func() error {
			if _, err := d.WriteTo(c); err != nil {
				return err
			}
			return c.Close()
		},
	}, nil
}
