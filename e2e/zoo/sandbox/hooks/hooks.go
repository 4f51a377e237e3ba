// Package hooks keeps a program's files below one directory, the one that ZOO_ROOT names.
package hooks

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// OpenFile is woven into os.OpenFile, by which Open, Create, ReadFile and the others open files, too.
func OpenFile(name string) func() (*os.File, error) {
	if err := refuse("open", name); err != nil {
		return func() (*os.File, error) { return nil, err }
	}
	return nil
}

// ReadDir is woven into os.ReadDir.
func ReadDir(name string) func() ([]os.DirEntry, error) {
	if err := refuse("open", name); err != nil {
		return func() ([]os.DirEntry, error) { return nil, err }
	}
	return nil
}

// Stat is woven into os.Stat.
func Stat(name string) func() (os.FileInfo, error) {
	if err := refuse("stat", name); err != nil {
		return func() (os.FileInfo, error) { return nil, err }
	}
	return nil
}

// Remove is woven into os.Remove.
func Remove(name string) func() error {
	if err := refuse("remove", name); err != nil {
		return func() error { return err }
	}
	return nil
}

// refuse returns an error for what is not below the root.
func refuse(op, name string) error {
	root := os.Getenv("ZOO_ROOT")
	if root == "" {
		return nil
	}
	path := name
	if !filepath.IsAbs(path) {
		dir, err := syscall.Getwd()
		if err != nil {
			return &fs.PathError{Op: op, Path: name, Err: err}
		}
		path = filepath.Join(dir, path)
	}
	if inside, err := filepath.Rel(root, path); err != nil || !filepath.IsLocal(inside) {
		return &fs.PathError{Op: op, Path: name, Err: fs.ErrPermission}
	}
	return nil
}
