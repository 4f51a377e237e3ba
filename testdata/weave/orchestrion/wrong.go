package p

import "fmt"

func f(n int) {
	fmt.Print(n)
	fmt.Println(n)
	fmt.Printf("%d", n)
	_ = fmt.Sprint(n)
}
