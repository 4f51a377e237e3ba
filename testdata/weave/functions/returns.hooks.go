package hooks

import "example.com/p"

func One(t *p.T, a, b int) (int, func(int, error) (int, error), func()) { return a, nil, nil }

func Many(t *p.T, a int, s ...string) func(int, error) { return nil }

func Both(t *p.T) (func(int, error) (int, error), func()) { return nil, nil }

func Void(a int) func() { return nil }

func Shadowed(e error, s string) func(error) error { return nil }

func Forever() func(int) { return nil }
