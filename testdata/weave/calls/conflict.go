package p

import "os"

func f() {
	os.Chdir("y")
}
