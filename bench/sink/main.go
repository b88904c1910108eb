package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
)

var errUsage = errors.New("usage: sink PORT")

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run runs one command line and returns the exit code; a sink that works does not return.
func run(args []string, stdout, stderr io.Writer) int {
	err := errUsage
	if len(args) == 1 {
		err = parseAndServe(args[0], stdout)
	}
	fmt.Fprintln(stderr, "sink:", err)
	return 1
}

func parseAndServe(text string, stdout io.Writer) error {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return errUsage
	}
	return serve(int(port), stdout)
}
