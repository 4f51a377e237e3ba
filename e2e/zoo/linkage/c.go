package main

// int one(void) { return 1; }
import "C"

var One = int(C.one())
