package p

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

func with(n int, s string) string { return s }

func both(n int, err error) (int, error) { return n, err }

func swapped(a, b error) bool { return a == b }

func twice(n int, err error) error { return err }

func layers(list []any, t time.Time) bool {
	s := fmt.Sprint("a") + fmt.Sprint(
		fmt.Sprint("inner"),
	)
	fmt.Println(s)
	fmt.Println(list...)
	fmt.Println()
	c := &http.Client{Timeout: time.Until(t)}
	return errors.Is(errors.New("x"), func() error { return errors.New("y") }()) ||
		errors.Is(errors.New("in"),
			errors.New("lines")) || errors.Unwrap(errors.New("gone")) == nil && c != nil
}
