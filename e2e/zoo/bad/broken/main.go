// Broken is an external rewriter that adds a line to a file.
package main

import "os"

func main() {
	os.Stdout.WriteString(`{"rewriter": 1, "edits": [{"file": "own.go", "offset": 0, "text": "// More.\n"}]}`)
}
