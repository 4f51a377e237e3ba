package p

import (
	"fmt"
	"os"
	. "strings"
)

func f(ch chan int, m map[string]int) (n int, err error) {
	var x = 1
	x++
	go fmt.Println("go")
	defer os.Remove("x")
	ch <- x
loop:
	for i := range 3 {
		if i == 2 {
			break loop
		}
		select {
		case v := <-ch:
			fmt.Println(v)
		default:
		}
	}
	switch {
	case x > 0: fmt.Println("one") // comment
	default:
		{
			x = 0
		}
	}
	func() {
		fmt.Println("inner")
	}()
	_ = ToUpper("a")
	m["a"] = x
	if _, err := os.Open("a"); err != nil {
		return 0, err
	}
	return
}

func shadow(fmt interface{ Println(...any) }) {
	fmt.Println("not the package")
}
