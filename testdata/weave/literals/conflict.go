package p

type S struct{ A, B int }

var a = S{A: 1}
