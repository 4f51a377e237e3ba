package main

// int one(void) { return 1; }
import "C"

// One has the program be linked with the C library itself.
var One = int(C.one())
