package main

import (
	"slices"
	"time"

	"github.com/DataDog/datadog-go/v5/statsd"
)

// Modes of datadog-go: by default it adds up counters, gauges and sets for two seconds.
var (
	withoutAggregation = statsd.WithoutClientSideAggregation()
	withChannel        = statsd.WithChannelMode()
)

func openDatadog(options ...statsd.Option) opener {
	return func(network, address string) (*client, error) {
		switch network {
		case "unixgram":
			address = statsd.UnixAddressDatagramPrefix + address
		case "unix":
			address = statsd.UnixAddressStreamPrefix + address
		}
		d, err := statsd.New(address,
			append(slices.Clone(options), statsd.WithoutTelemetry(), statsd.WithoutOriginDetection())...)
		if err != nil {
			return nil, err
		}
		// The methods return an error only when the client is closed, or its queue is full.
		return &client{
			count: func(name string, n int) { _ = d.Count(name, int64(n), nil, 1) },
			tagged: func(name string, n int, key, value string) {
				_ = d.Count(name, int64(n), []string{key + ":" + value}, 1)
			},
			gauge:  func(name string, value float64) { _ = d.Gauge(name, value, nil, 1) },
			timing: func(name string, t time.Duration) { _ = d.Timing(name, t, nil, 1) },
			set:    func(name, member string) { _ = d.Set(name, member, nil, 1) },
			close:  d.Close,
		}, nil
	}
}
