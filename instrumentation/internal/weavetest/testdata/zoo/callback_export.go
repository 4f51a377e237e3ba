//go:build cgo

package main

import "C"

//export weavetestCallback
func weavetestCallback() { do("callback") }
