package p

import (
	"fmt"
	"math"
	"strings"
)

func nested(name string, list []any) string {
	return fmt.Sprint(
		name, // first
		strings.Repeat("x",
			2),
		func() string {
			return fmt.Sprintf("%s",
				fmt.Sprint(1),
			)
		}(),
	) + fmt.Sprintf("%s",
		"a"+
			"b")
}

func turned(a, b string) bool {
	if strings.Contains(a+b, b) {
		return true
	}
	return strings.Contains(
		a,
		b,
	)
}

func twice(x float64) float64 { return 1 - math.Abs(x-2) }

func statement() {
	defer fmt.Sprint("later")
	go strings.Repeat("y", 3)
	fmt.Sprint("alone")
}
