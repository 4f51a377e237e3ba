// Package go_runtime has the hooks for Go's own runtime: what is recorded is sent before the program ends, however it ends.
//
// On return from main and on os.Exit by the runtime's exit hooks; on a panic that nobody recovers before the runtime prints
// it; before syscall.Exec; on SIGTERM, SIGINT and SIGHUP when the program does not handle them, after which the signal has its
// default effect, and on what Windows tells in their place: Ctrl-C, Ctrl-Break, that the console is closed, the session or the system
// ends; and before a write to a broken pipe ends the program.
// Signals keep their dispositions: the runtime's own handler tells, when it finds that nobody wants the signal. A second
// signal does not wait, and the first no longer than half a second where no goroutine can run.
//
// The thread that waits for the signal also measures the time until something is to be sent, in place of timers: Go does not tell
// a program that has timers that it deadlocks. Where it is about to tell one that has something to send, that is sent before.
package go_runtime

import (
	"sync/atomic"
	"syscall"
	"time"
	_ "unsafe" // for linkname

	weaveruntime "github.com/rules-go-weave/rules_go_weave/runtime"
	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// What the woven package runtime defines.
var (
	//go:linkname atExit runtime.weaveAtExit
	atExit func(func())
	//go:linkname watch runtime.weaveWatch
	watch func(f func(uint32))
	//go:linkname signal runtime.weaveSignal
	signal func(uint32)
	//go:linkname wakeWatcher runtime.weaveWakeWatcher
	wakeWatcher func(uint32)
	//go:linkname setAlarm runtime.weaveAlarm
	setAlarm func(uint32, int64)
	//go:linkname forgetTimers runtime.weaveForgetTimers
	forgetTimers func()
	//go:linkname setLeaving runtime.weaveLeaving
	setLeaving func(int64)
	//go:linkname polls runtime.weavePolls
	polls func(fd uintptr) bool
)

// armed is 1 while a signal that nobody wants is to be waited for. The signal handler reads it.
var armed uint32

func init() {
	if weaveruntime.Disabled() {
		return
	}
	if atExit != nil {
		atExit(sdk.Leave)
	}
	sdk.UseNetwork(lost)
	if watch != nil && signal != nil {
		watch(told)
		atomic.StoreUint32(&armed, 1)
		sdk.UseAlarms(alarms, func(slot int, after time.Duration) { setAlarm(uint32(slot), int64(after)) }, forgetTimers)
	}
}

// What the woven runtime tells of besides signals: that all goroutines are asleep, and from firstAlarm on the alarms that it has.
const (
	asleep     = 0
	firstAlarm = 256
	alarms     = 8
)

// told is called by a goroutine of the runtime, which must go back to its waiting.
func told(what uint32) {
	switch {
	case what == asleep:
		go sdk.Asleep()
	case what >= firstAlarm:
		go sdk.Alarm(int(what - firstAlarm))
	default:
		go leave(what)
	}
}

// leave sends what waits, and lets the signal have its effect.
func leave(sig uint32) {
	setLeaving(int64(sdk.ExitTimeout() + time.Second))
	sdk.Leave()
	setLeaving(0)
	signal(sig)
}

// FatalPanic is woven into the function that prepares the printing of a panic that nobody recovers.
func FatalPanic() { sdk.LeavePanicking() }

// Exec is woven into what syscall.Exec calls before it makes the process another program. That may fail, and the program go on.
func Exec() { sdk.Flush() }

// Pipe is woven into what package os calls where nobody reads what the program writes to stdout or stderr; ends tells whether that
// ends the program. What is told on stderr meanwhile comes here, too, and ends it at once.
func Pipe(ends bool) {
	if ends && !piped.Swap(true) {
		sdk.Leave()
	}
}

// piped is true once Pipe has been there.
var piped atomic.Bool

// Signal is woven into the function of the runtime that hands a signal to the program, and tells whether the program wants it.
// It runs in the signal handler: nothing here may allocate, block, or be watched by the race detector.
//
//go:norace
//go:nosplit
func Signal(sig uint32) func(bool) bool {
	if armed == 0 {
		return nil
	}
	switch syscall.Signal(sig) {
	case syscall.SIGTERM:
		return terminate
	case syscall.SIGINT:
		return interrupt
	case syscall.SIGHUP:
		return hangUp
	}
	return nil
}

//go:norace
//go:nosplit
func terminate(wanted bool) bool { return wanted || wake(uint32(syscall.SIGTERM)) }

//go:norace
//go:nosplit
func interrupt(wanted bool) bool { return wanted || wake(uint32(syscall.SIGINT)) }

//go:norace
//go:nosplit
func hangUp(wanted bool) bool { return wanted || wake(uint32(syscall.SIGHUP)) }

// wake has leave called. It answers for the program that the signal is wanted, which keeps the runtime from acting on it.
//
//go:norace
//go:nosplit
func wake(sig uint32) bool {
	armed = 0
	wakeWatcher(sig)
	return true
}
