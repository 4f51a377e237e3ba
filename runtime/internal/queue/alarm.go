package queue

import (
	"slices"
	"sync"
	"time"
)

// settle is how long after the end of an export a timer fires for nothing, and a second one after that: a thread of Go's scheduler
// that waits for the network then sees that no connection is left to wait for, and no timer, of those that were stopped neither, and
// a deadlock of the program's can be found. The timers that were stopped leave the scheduler in between.
const settle = 50 * time.Millisecond

// Alarm calls a function after a time: by the woven runtime where that offers it, since Go does not tell a program that has timers
// that it deadlocks, and else by a timer. That is made at start and so outside of every synctest bubble.
type Alarm struct {
	f       func()
	slot    int // of the runtime's
	timer   *time.Timer
	firings []int         // that the timer is set for, or that do not run yet: how often for nothing, 0 for the function
	pending time.Duration // that the timer was set to, for the function
}

// alarms are all, by their slots, and what UseAlarms was given.
var alarms struct {
	sync.Mutex
	all   []*Alarm
	slots int
	set   func(slot int, after time.Duration)
	clean func() // nil without set
}

// NewAlarm returns an alarm that is not set.
func NewAlarm(f func()) *Alarm {
	alarms.Lock()
	defer alarms.Unlock()
	a := &Alarm{f: f, slot: len(alarms.all), firings: []int{1}}
	// It fires at once, for nothing. A timer that is stopped stays with Go's scheduler until a thread looks for something to do
	// there; if none did before the program deadlocks, as it may while its packages are initialised, it would not be told so.
	a.timer = time.AfterFunc(0, a.timed)
	alarms.all = append(alarms.all, a)
	return a
}

// UseAlarms gives a function that has Ring called with a slot after a time, or not if that is 0, and in no way that the program can
// tell. The last call for a slot counts. Clean has the scheduler forget timers that were stopped.
func UseAlarms(slots int, set func(slot int, after time.Duration), clean func()) {
	alarms.Lock()
	defer alarms.Unlock()
	alarms.slots, alarms.set, alarms.clean = slots, set, clean
	for _, a := range alarms.all {
		if after := a.pending; after > 0 && a.offered() {
			a.reset(0, 1)
			set(a.slot, after)
		}
	}
}

// Ring calls the function of the alarm in a slot.
func Ring(slot int) {
	alarms.Lock()
	a := alarms.all[slot]
	alarms.Unlock()
	a.f()
}

// Set has the function called after a time, in place of the one that was set before.
func (a *Alarm) Set(after time.Duration) {
	alarms.Lock()
	defer alarms.Unlock()
	if a.offered() {
		if alarms.set(a.slot, max(after, 0)); after > 0 {
			return
		}
	}
	a.reset(after, 0)
	a.pending = after
}

// Settle has a timer fire for nothing; see the constant.
func (a *Alarm) Settle() {
	alarms.Lock()
	defer alarms.Unlock()
	if alarms.clean != nil {
		a.reset(settle, 2)
	} else {
		a.reset(settle, 1)
	}
}

// Settle does at once what Alarm.Settle has done later.
func Settle() {
	time.Sleep(settle)
	alarms.Lock()
	clean := alarms.clean
	alarms.Unlock()
	if clean != nil {
		clean()
	}
	time.Sleep(settle)
}

// Stop has the function not called.
func (a *Alarm) Stop() {
	alarms.Lock()
	defer alarms.Unlock()
	if a.offered() {
		alarms.set(a.slot, 0)
	}
	if a.timer.Stop() {
		a.firings = a.firings[:len(a.firings)-1]
	}
}

func (a *Alarm) offered() bool { return alarms.set != nil && a.slot < alarms.slots }

// reset sets the timer.
func (a *Alarm) reset(after time.Duration, idle int) {
	if a.timer.Reset(after) {
		a.firings = a.firings[:len(a.firings)-1]
	}
	a.firings = append(a.firings, idle)
	a.pending = 0
}

func (a *Alarm) timed() {
	alarms.Lock()
	idle := a.firings[0]
	a.firings = slices.Delete(a.firings, 0, 1)
	switch {
	case idle == 0:
		a.pending = 0
	case idle > 1:
		if alarms.clean != nil {
			alarms.clean()
		}
		if len(a.firings) == 0 {
			a.reset(settle, idle-1)
		}
	}
	alarms.Unlock()
	if idle == 0 {
		a.f()
	}
}
