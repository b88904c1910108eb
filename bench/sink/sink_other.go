//go:build !linux

package main

import (
	"fmt"
	"io"
	"runtime"
)

func serve(int, io.Writer) error { return fmt.Errorf("needs Linux, this is %s", runtime.GOOS) }
