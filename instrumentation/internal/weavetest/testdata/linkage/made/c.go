package main

// static int answer(void) { return 42; }
import "C"

func init() { answer = int(C.answer()) }
