// Package still is matched by a pattern of packages, and by no rule: it comes out as in a plain build.
package still

import "strings"

// Title makes a title.
func Title(book string) string {
	return strings.ToTitle(book)
}
