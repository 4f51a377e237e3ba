//go:build !zoo

package lib

const tag = "untagged"
