package process_test

import (
	"testing"

	"weir/bench/process"
)

// recorder is a testing.TB that notes how it was ended.
type recorder struct {
	testing.TB

	fatal, skipped []any
}

func (*recorder) Helper()             {}
func (r *recorder) Fatal(args ...any) { r.fatal = args }
func (r *recorder) Skip(args ...any)  { r.skipped = args }

// In CI nothing is skipped.
func TestMissing(t *testing.T) {
	t.Setenv("WEIR_E2E", "require")
	var r recorder
	process.Missing(&r, "install it")
	if len(r.fatal) != 1 || r.fatal[0] != "install it: WEIR_E2E=require" {
		t.Errorf("required: %v", r.fatal)
	}
	t.Setenv("WEIR_E2E", "")
	r = recorder{}
	process.Missing(&r, "install it")
	if len(r.fatal) != 0 || len(r.skipped) != 1 || r.skipped[0] != "install it" {
		t.Errorf("not required: %v, %v", r.fatal, r.skipped)
	}
}
