//go:build unix

package storetest

import "syscall"

// Freeze stops the server in its tracks: it answers nothing, but its connections stay.
func (r *Redis) Freeze() { r.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw lets it go on.
func (r *Redis) Thaw() { r.cmd.Process.Signal(syscall.SIGCONT) }
