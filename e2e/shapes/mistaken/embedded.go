package mistaken

import _ "embed"

//go:embed nowhere.txt
var text string

func say() string { return text }
