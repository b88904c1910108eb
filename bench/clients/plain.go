package main

import (
	"errors"
	"time"

	cactus "github.com/cactus/go-statsd-client/v5/statsd"
	"github.com/quipo/statsd"
	smira "github.com/smira/go-statsd"
	alexcesaro "gopkg.in/alexcesaro/statsd.v2"
)

func openCactus(_, address string) (*client, error) {
	s, err := cactus.NewClientWithConfig(&cactus.ClientConfig{Address: address, UseBuffered: true})
	if err != nil {
		return nil, err
	}
	gauges, hasFloats := s.(cactus.ExtendedStatSender)
	if !hasFloats {
		return nil, errors.New("no gauges of floats")
	}
	// The methods return the error of a write.
	return &client{
		count: func(name string, n int) { _ = s.Inc(name, int64(n), 1) },
		tagged: func(name string, n int, key, value string) {
			_ = s.Inc(name, int64(n), 1, cactus.Tag{key, value})
		},
		gauge:  func(name string, value float64) { _ = gauges.GaugeFloat(name, value, 1) },
		timing: func(name string, t time.Duration) { _ = s.TimingDuration(name, t, 1) },
		set:    func(name, member string) { _ = s.Set(name, member, 1) },
		close:  s.Close,
	}, nil
}

func openAlexcesaro(network, address string) (*client, error) {
	s, err := alexcesaro.New(alexcesaro.Network(network), alexcesaro.Address(address),
		alexcesaro.TagsFormat(alexcesaro.Datadog))
	if err != nil {
		return nil, err
	}
	return &client{
		count: func(name string, n int) { s.Count(name, n) },
		tagged: func(name string, n int, key, value string) {
			s.Clone(alexcesaro.Tags(key, value)).Count(name, n)
		},
		gauge:  func(name string, value float64) { s.Gauge(name, value) },
		timing: func(name string, t time.Duration) { s.Timing(name, int(t.Milliseconds())) },
		set:    s.Unique,
		close: func() error {
			s.Close()
			return nil
		},
	}, nil
}

func openSmira(network, address string) (*client, error) {
	s := smira.NewClient(address, smira.Network(network), smira.TagStyle(smira.TagFormatDatadog))
	return &client{
		count: func(name string, n int) { s.Incr(name, int64(n)) },
		tagged: func(name string, n int, key, value string) {
			s.Incr(name, int64(n), smira.StringTag(key, value))
		},
		gauge:  func(name string, value float64) { s.FGauge(name, value) },
		timing: func(name string, t time.Duration) { s.PrecisionTiming(name, t) },
		set:    func(name, member string) { s.SetAdd(name, member) },
		close:  s.Close,
	}, nil
}

func openQuipo(network, address string) (*client, error) {
	s := statsd.NewStatsdClient(address, "")
	create := s.CreateSocket
	if network == "tcp" {
		create = s.CreateTCPSocket
	}
	if err := create(); err != nil {
		return nil, err
	}
	// The methods return the error of a write.
	return &client{
		count:  func(name string, n int) { _ = s.Incr(name, int64(n)) },
		gauge:  func(name string, value float64) { _ = s.FGauge(name, value) },
		timing: func(name string, t time.Duration) { _ = s.PrecisionTiming(name, t) },
		close:  s.Close,
	}, nil
}
