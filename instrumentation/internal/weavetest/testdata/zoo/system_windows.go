package main

import (
	"fmt"
	"os"
	"syscall"
)

// raise has the console tell its processes, of which this one is, what stands for a signal on Windows; there is one of them alone that
// a program can send.
func raise(sig syscall.Signal) {
	if sig != syscall.SIGINT {
		panic(fmt.Sprint("nothing stands for ", sig))
	}
	if ok, _, err := syscall.NewLazyDLL("kernel32.dll").NewProc("GenerateConsoleCtrlEvent").Call(syscall.CTRL_BREAK_EVENT, 0); ok == 0 {
		panic(err)
	}
}

func becomeStdout(*os.File) { panic("there are no broken pipes that end a program") }
