//go:build weave_adapter

package klog

import "bytes"

// weaveText is the hook. The linker prefers its data to this.
var weaveText func(severity int32, written []byte, file string, line int)

// weaveLine tells a line of text that is written, with what klog has put before it. A structured record comes by as the buffer that it
// was made in, and one that goes elsewhere is somebody else's.
func weaveLine(severity int32, elsewhere bool, written []byte, file string, line int, args []interface{}) {
	if weaveText == nil || elsewhere {
		return
	}
	if len(args) == 1 {
		if _, structured := args[0].(*bytes.Buffer); structured {
			return
		}
	}
	weaveText(severity, written, file, line)
}
