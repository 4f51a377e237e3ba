package hook

import (
	"sync/atomic"

	weaveruntime "github.com/rules-go-weave/rules_go_weave/runtime"
)

// Gate keeps hooks from running before their package and all of its imports are initialised. Woven code may call hooks earlier: from init
// functions of packages that are initialised before, and from goroutines that these have started.
//
// It needs no initialisation itself. A hook looks at it before it reads any other variable; the package's last init function
// opens it. What that package has written until then is seen by every goroutine that finds the gate open.
//
// Only hooks that the generated main file sets as static data need one: those of this module. All others are set when main is
// being initialised.
type Gate struct{ open atomic.Bool }

// Open lets hooks run from now on, if the instrumentation called name is on.
func (g *Gate) Open(name string) {
	if weaveruntime.Enabled(name) {
		g.open.Store(true)
	}
}

// Closed reports whether a hook must do nothing.
func (g *Gate) Closed() bool { return !g.open.Load() }

// initialised is true when this package is. Nothing below is touched before.
var initialised atomic.Bool

func init() { initialised.Store(true) }
