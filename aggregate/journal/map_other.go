//go:build !linux

package journal

import "os"

func createFile(string) (*os.File, error) { return nil, ErrUnsupported }

func mapBlock(*os.File, int) ([]uint64, error) { return nil, ErrUnsupported }

func unmapBlock([]uint64) error { return nil }

func bootID() ([2]uint64, error) { return [2]uint64{}, ErrUnsupported }
