package main

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"time"
)

// client is a StatsD client that is connected. The functions of methods that it lacks are nil.
type client struct {
	count  func(name string, n int)
	tagged func(name string, n int, key, value string) // counts, with one tag
	gauge  func(name string, value float64)
	timing func(name string, d time.Duration)
	set    func(name, member string)
	close  func() error // sends what is buffered, as the client's documentation says
}

// opener connects a client.
type opener func(network, address string) (*client, error)

// clients has every client by its name.
var clients = map[string]opener{
	"datadog-go":           openDatadog(),
	"datadog-go-unbundled": openDatadog(withoutAggregation),
	"datadog-go-channel":   openDatadog(withoutAggregation, withChannel),
	"cactus":               openCactus,
	"alexcesaro":           openAlexcesaro,
	"smira":                openSmira,
	"go-metrics":           openGoMetrics,
	"quipo":                openQuipo,
	"go-kit":               openGoKit,
}

// atOnce behind the name of a client closes it right after the last sample, as a program does that ends.
// Otherwise the program goes on for a moment, as a service does, before it closes the client.
const atOnce = ":close"

const moment = 300 * time.Millisecond

func main() {
	if len(os.Args) == 1 {
		for _, name := range slices.Sorted(maps.Keys(clients)) {
			fmt.Println(name)
		}
		return
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 4 {
		return errors.New("usage: clients CLIENT HOST PORT NETWORK")
	}
	host, port, network := args[1], args[2], args[3]
	address := host
	if port != "" {
		address = net.JoinHostPort(host, port)
	}
	name, closesAtOnce := strings.CutSuffix(args[0], atOnce)
	open, found := clients[name]
	if !found {
		return fmt.Errorf("no client %q", args[0])
	}
	c, err := open(network, address)
	if err != nil {
		return fmt.Errorf("connect %s over %s to %s: %w", name, network, address, err)
	}
	c.send()
	if !closesAtOnce {
		time.Sleep(moment)
	}
	if err := c.close(); err != nil {
		return fmt.Errorf("close %s: %w", name, err)
	}
	return nil
}

// burst is how many samples come right before the client is closed.
const burst = 200

// send sends the list.
func (c *client) send() {
	c.count("requests", 1)
	c.count("requests", 41)
	if c.tagged != nil {
		c.tagged("tagged", 2, "status", "500")
	}
	if c.gauge != nil {
		c.gauge("temperature", 21.5)
	}
	c.timing("db.time", 250*time.Millisecond)
	c.timing("db.time", 500*time.Millisecond)
	if c.set != nil {
		for _, user := range []string{"alice", "bob", "alice"} {
			c.set("users", user)
		}
	}
	for range burst {
		c.count("burst", 1)
	}
}
