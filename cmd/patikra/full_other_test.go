//go:build !linux

package main

import (
	"path/filepath"
	"testing"
)

// diskFaults is a folder for the embedded store. How a disk fails is tried on Linux only.
func diskFaults(t *testing.T) (data string, faults []fault) {
	return filepath.Join(t.TempDir(), "data"), []fault{killed}
}
