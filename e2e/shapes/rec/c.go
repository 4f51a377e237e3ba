// Package c does not import a.
package c

import "github.com/cespare/xxhash/v2"

// C is 8.
func C() int { return xxhash.New().Size() }
