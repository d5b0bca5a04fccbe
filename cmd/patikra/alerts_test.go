package main

import (
	"os/exec"
	"testing"
)

func TestTheAlarmsRingWhenSomebodyWaitsAndAreSilentWhenNobodyDoes(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed")
	}
	if out, err := exec.CommandContext(t.Context(), tool, "test", "rules", "testdata/alerts_test.yaml").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
