package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"weir/config"
)

// The command line goes over the environment, the environment over the file, the file over the defaults.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "weir.yaml")
	content := "ingest: {loops: 2, max_line: 16KiB}\ncache: {ttl: 5s}\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		panic(err)
	}
	flags := pflag.NewFlagSet("weir", pflag.ContinueOnError)
	config.AddFlags(flags)
	if err := flags.Parse([]string{"--ingest.loops=4"}); err != nil {
		panic(err)
	}
	environ := []string{"WEIR__INGEST__LOOPS=3", "WEIR__CACHE__TTL=2s"}
	c, err := config.Load(config.Sources{File: file, Environ: environ, Flags: flags})
	if err != nil {
		panic(err)
	}
	fmt.Println(c.Ingest.Loops, c.Expose.Cache.TTL, c.Ingest.MaxLine, c.Expose.Endpoint.Path)

	// Mistakes come all at once, with the place where each value was given.
	environ = append(environ, "WEIR__COMPRESSION__LEVEL=12")
	content += "timers: {buckets: [1, two]}\nlog: {lvel: debug}\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		panic(err)
	}
	_, err = config.Load(config.Sources{File: file, Environ: environ})
	fmt.Println(strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""))
	// Output:
	// 4 2s 16KiB /metrics
	// weir.yaml:3: timers.buckets[1]: two: want a number
	// weir.yaml:4: log.lvel: unknown key: did you mean log.level?
	// WEIR__COMPRESSION__LEVEL: 12: want 1 (fast) to 9 (small)
}
