package p

type S struct{ A, B int }

var a = S{1, 2}

var list = []S{{A: 1}}
