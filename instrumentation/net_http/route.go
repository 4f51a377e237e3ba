package net_http

import "strings"

// patternPath returns the path of a multiplexer's pattern, which is "[METHOD ][HOST]/[PATH]".
func patternPath(pattern string) string {
	if i := strings.IndexByte(pattern, '/'); i >= 0 {
		return pattern[i:]
	}
	return ""
}
