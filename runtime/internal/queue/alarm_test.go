package queue

import (
	"fmt"
	"testing"
	"time"
)

// TestAlarms has the runtime offer its alarms when one is set already.
func TestAlarms(t *testing.T) {
	rings := make(chan struct{}, 10)
	a := NewAlarm(func() { rings <- struct{}{} })
	a.Set(time.Hour)
	var set []string
	UseAlarms(a.slot+1, func(slot int, after time.Duration) {
		if slot == a.slot {
			set = append(set, fmt.Sprint(after))
		}
	}, func() {})
	defer UseAlarms(0, nil, nil)
	beyond := NewAlarm(func() { rings <- struct{}{} })
	beyond.Set(1) // by a timer
	<-rings
	a.Set(time.Minute)
	Ring(a.slot)
	<-rings
	a.Set(0) // by a timer
	<-rings
	a.Settle()
	a.Stop()
	if got := fmt.Sprint(set); got != "[1h0m0s 1m0s 0s 0s]" || len(rings) > 0 {
		t.Errorf("the runtime is asked for %s, and there are %d more calls", got, len(rings))
	}
}
