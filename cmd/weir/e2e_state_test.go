package main_test

import "testing"

func (e e2e) testState(t *testing.T) {
	t.Run("kill", e.testStateKill)
}
