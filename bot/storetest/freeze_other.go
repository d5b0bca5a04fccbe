//go:build !unix

package storetest

// Freeze skips the test: only a Unix can stop a process in its tracks.
func (r *Redis) Freeze() { r.t.Skip("a process cannot be stopped in its tracks here") }

// Thaw has nothing to thaw.
func (r *Redis) Thaw() {}
