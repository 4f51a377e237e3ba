//go:build unix

package main

import (
	"os"
	"syscall"
)

// raise sends this process a signal.
func raise(sig syscall.Signal) { check(syscall.Kill(os.Getpid(), sig)) }

// becomeStdout has what is written to stdout go to a file.
func becomeStdout(f *os.File) { check(syscall.Dup3(int(f.Fd()), 1, 0)) }
