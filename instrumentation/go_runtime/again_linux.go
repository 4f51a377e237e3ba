package go_runtime

import "syscall"

// again sends a signal once more, which now has the effect that it has in the plain program. A thread of the runtime's calls it:
// nothing here may allocate, block, or be watched by the race detector.
//
//go:norace
//go:nosplit
func again(sig uint32) {
	pid, _, _ := syscall.RawSyscall(syscall.SYS_GETPID, 0, 0, 0)
	syscall.RawSyscall(syscall.SYS_KILL, pid, uintptr(sig), 0)
}
