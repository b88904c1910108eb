//go:build !linux

package main

import (
	"errors"
	"time"
)

func cpuTime(int) (time.Duration, error) { return 0, errors.ErrUnsupported }

func cores() ([]int, error) { return nil, errors.ErrUnsupported }

func onCore(int, func() error) error { return errors.ErrUnsupported }
