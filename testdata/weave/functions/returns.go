package p

import "errors"

type T struct{ n int }

// One returns on one line.
func (t *T) One(a, b int) (int, error) { if a == 0 { return 0, errors.New("zero") }; return b / a, nil }

func (t *T) Many(a int, s ...string) (n int, err error) {
	switch {
	case a == 1:
		return 1, nil
	case a == 2: return // nothing
	case a == 3:
		n = 3
		return
	}
	func() int { return 7 }()
	if len(s) > 0 {
		goto end
	}
	for range s {
		return t.One(
			a, // first
			1,
		)
	}
end:
	return /* before */ len(
		s), func() error {
			return nil
		}()
}

func Void(a int) {
	if a > 0 { return }
	println(a)
}

func Shadowed(error error, errors string) (e error) {
	return error
}

func Forever() int {
	for {
	}
}
