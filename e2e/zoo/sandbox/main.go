// Sandbox does with files what its arguments say, by the functions of package os: each argument is FUNCTION=FILE.
package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	for _, arg := range os.Args[1:] {
		function, name, _ := strings.Cut(arg, "=")
		fmt.Println(function, try(function, name))
	}
}

func try(function, name string) error {
	closed := func(f *os.File, err error) error {
		if err != nil {
			return err
		}
		return f.Close()
	}
	switch function {
	case "Open":
		return closed(os.Open(name))
	case "OpenFile":
		return closed(os.OpenFile(name, os.O_RDWR, 0))
	case "ReadFile":
		_, err := os.ReadFile(name)
		return err
	case "Create":
		return closed(os.Create(name))
	case "WriteFile":
		return os.WriteFile(name, []byte("written"), 0o666)
	case "CreateTemp":
		return closed(os.CreateTemp(name, "x"))
	case "ReadDir":
		_, err := os.ReadDir(name)
		return err
	case "Stat":
		_, err := os.Stat(name)
		return err
	case "Remove":
		return os.Remove(name)
	}
	return fmt.Errorf("no function %s", function)
}
