package hook

import (
	"sync"
	"sync/atomic"
)

// hiders tell what is shown of errors whose texts may hold values.
var hiders struct {
	sync.Mutex
	all atomic.Pointer[[]func(error) (string, bool)]
}

// HideErrors sets the function that replaces the texts of the errors that it knows: in the status of every span that ends with one, and in
// events of panics with one. A panic with a text is passed as an error with that text. The function may call methods of the error; their
// panics are guarded.
func HideErrors(describe func(error) (text string, known bool)) {
	hiders.Lock()
	defer hiders.Unlock()
	var all []func(error) (string, bool)
	if before := hiders.all.Load(); before != nil {
		all = append(all, *before...)
	}
	all = append(all, describe)
	hiders.all.Store(&all)
}

// shownError is what is shown of an error: its text, unless that is to be hidden.
func shownError(err error) string {
	if all := hiders.all.Load(); all != nil {
		for _, describe := range *all {
			var text string
			var known bool
			if Try(func() { text, known = describe(err) }) && known {
				return Cut(text, maxText)
			}
		}
	}
	return ErrorText(err)
}
