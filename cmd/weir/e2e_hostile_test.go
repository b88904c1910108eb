package main_test

import (
	"strings"
	"testing"
)

// hostile are datagrams that nobody should send. weir must take each, count each, and stay.
var hostile = []string{
	"", "\n", "\r\n", "\n\n\n\n", " ", "\x00", strings.Repeat("\x00", 1000), "\xff\xfe\xfd", "\xef\xbb\xbfbom:1|c",
	strings.Repeat("a", 65507), strings.Repeat(":", 65507), strings.Repeat("|", 65507), strings.Repeat("\n", 65507),
	strings.Repeat("a:1|c\n", 10_000), strings.Repeat("a:1|c|#", 9000), "long:1|c|#" + strings.Repeat("k:v,", 15_000),
	"many.values:" + strings.Repeat("1:", 30_000) + "1|ms", strings.Repeat("n", 7000) + ":1|c",
	"tag.value:1|c|#k:" + strings.Repeat("v", 7000), "tag.name:1|c|#" + strings.Repeat("k", 7000) + ":v",
	"foo]a=b[:1|c", "foo;a=b:1|c", "foo,a=b:1|c", "foo{a=\"b\"}:1|c", "# TYPE foo counter:1|c", "foo 1\n# EOF:1|g",
	"foo:1|ms|#le:", "timer.le:1|ms|#le:0.1", "foo:1|ms|#quantile:5", "foo:1|h|#le:+Inf,le:-Inf,le:NaN",
	"foo:1|c|#__name__:bar", "foo:1|c|#__name__:weir_series", "foo:1|c|#__address__:x,job:y,instance:z",
	"weir_series:1|g", "weir.series:1|c", "process_open_fds:1|g", "go_goroutines:0|g", "up:0|g",
	"foo:1|g", "foo_count:1|c", "foo_sum:1|c", "foo_bucket:1|c|#le:1", "twice:1|c|#a:1,a:2,A:3,a:1",
	"quote:1|c|#a:\",b:\\,c:\\n,d:}", "escape:1|c|#a:\x1b[2J,b:\a\b\f\v", "utf:1|c|#a:\xc3\x28,b:\xf0\x9f\x92\xa9,c:\xed\xa0\x80",
	"\xf0\x9f\x92\xa9:1|c", "\xc3\x28:1|c", "0:1|c", "9lives:1|c", "-:1|c", ".:1|c", "_:1|c", "__:1|c", "a..b:1|c", "a b:1|c",
	":1|c", "::|c", ":|", "|", ":", "@", "#", "|||", ":::", "a", "a:", "a|c", "a:|c", "a:1", "a:1|", "a:1||", "a:1|c|", "a:1|c||||",
	"a:1|c|@", "a:1|c|@0", "a:1|c|@1e-300", "a:1|c|@-1", "a:1|c|@2", "a:1|c|@nan", "a:1|c|@inf", "a:1|c|@0.1|@0.2",
	"obs:1|ms|@1e-300", "obs:1|ms|@0", "obs:1|ms|@1e-15", "obs:1e308|ms|@0.5", "obs:-1e308|ms", "obs:1e-308|ms",
	"a:1|c|#", "a:1|c|#,", "a:1|c|#,,,", "a:1|c|#:", "a:1|c|#:v", "a:1|c|#k:", "a:1|c|##k:v", "a:1|c|#k:v:w", "a:1|c|#k=v",
	"num:1e308|c", "num:1e308|c", "num:1e309|c", "num:-1|c", "num:0|c", "num:-0|c", "num:1e-400|c", "num:0x10|c", "num:1_000|c",
	"num:+1|c", "num:--1|c", "num:1e|c", "num:.|c", "num:1.|c", "num:.5|c", "num: 1|c", "num:1 |c", "num:\u0661|c",
	"num:" + strings.Repeat("9", 5000) + "|c", "num:0." + strings.Repeat("0", 5000) + "1|c", "num:1" + strings.Repeat("0", 308) + "|c",
	"nan:NaN|g", "nan:nan|c", "nan:NaN|ms", "nan:+NaN|g", "inf:inf|g", "inf:-Inf|g", "inf:+Infinity|g", "inf:Inf|c", "inf:Inf|ms",
	"inf:-Inf|ms", "gauge:inf|g", "gauge:-inf|g", "gauge:+inf|g", "set:|s", "set:\x00|s", "set:" + strings.Repeat("m", 8000) + "|s",
	"unknown:1|x", "unknown:1|C", "unknown:1|cc", "unknown:1|m", "unknown:1|c|c", "unknown:1|kv", "unknown:1|\xff",
	"_e{5,4}:title|text|#a:b", "_e{99999999999,1}:a|b", "_e{-1,-1}:|", "_sc|name|0|#a:b|m:message", "_sc|", "_e{", "_e",
	"cut:1|c\ncut:1|", "a:1|c\x00b:1|c", "crlf:1|c\r\ncrlf:1|c\r\n", "a:1|c:2|c:3|c", "a:1|c:2|ms:3|g", "a:1:2:3|c:x|c",
	"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "{\"a\":1}", "<a>1</a>",
	"proto:1|c|c:container|T1656581400|e:external|card:low", "proto:1|c|T", "proto:1|c|c:", "proto:1|c|e:" + strings.Repeat("x", 7000),
}

// After the worst of datagrams weir answers, its exposition is valid, and its ledger knows each of them.
func (e e2e) testHostile(t *testing.T) {
	w := e.startWeir(t)
	connection := w.dial(t, "udp")
	for i, datagram := range hostile {
		send(t, connection, datagram)
		p := w.awaitTaken(t, i+1) // one at a time, so that none is lost to a full buffer and the guilty one is known
		if err := p.balance(); err != nil {
			t.Errorf("after %.100q: %v", datagram, err)
		}
	}
	stream := w.dial(t, "tcp")
	for _, datagram := range hostile {
		send(t, stream, datagram+"\n")
	}
	send(t, stream, "still.there:1|c\n")
	var p *page
	eventually(t, func() error {
		p = w.scrape(t)
		return p.compare(map[string]float64{"still_there": 1})
	})
	want := map[string]float64{
		`weir_datagrams_received_total`: float64(len(hostile)), `weir_panics_total{part="ingest"}`: 0,
		`weir_panics_total{part="expose"}`: 0, `crlf`: 4, `weir_samples_rejected_total{reason="internal_error"}`: 0,
		`timer_le_bucket{exported_le="0.1",le="+Inf"}`: 2,
	}
	if err := p.compare(want); err != nil {
		t.Error(err)
	}
	if err := p.balance(); err != nil {
		t.Error(err)
	}
	if _, err := w.get("/-/healthy"); err != nil {
		t.Error(err)
	}
}
