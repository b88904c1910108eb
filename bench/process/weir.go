package process

import (
	"encoding/json"
	"strings"
)

// Weir returns the program that is weir, with these flags besides those for its addresses and its log, which
// is JSON.
func Weir(path string, flags ...string) *Program {
	return &Program{
		Path: path,
		Args: func(at Addresses) ([]string, error) {
			return append([]string{
				"--ingest.udp=" + at.UDP, "--ingest.tcp=" + at.TCP, "--endpoint.listen=" + at.HTTP,
				"--log.format=json",
			}, flags...), nil
		},
		Announced: announced,
	}
}

// announced reads the line in which weir says that it is ready, and where it listens.
//
//	{"level":"info","http":"127.0.0.1:1/metrics","udp":"127.0.0.1:2","message":"ready: ..."}
func announced(line string) (Addresses, bool) {
	var ready struct{ Message, HTTP, UDP, TCP string }
	if json.Unmarshal([]byte(line), &ready) != nil || !strings.HasPrefix(ready.Message, "ready") {
		return Addresses{}, false
	}
	host, path, _ := strings.Cut(ready.HTTP, "/")
	return Addresses{UDP: ready.UDP, TCP: ready.TCP, HTTP: host, Path: "/" + path}, true
}
