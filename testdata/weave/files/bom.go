package p

func F(a int) (int, error) {
	return a, nil
}

var s = `a
b`