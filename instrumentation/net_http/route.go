package net_http

import "strings"

// maxDepth bounds how many stripped prefixes a route shows: a multiplexer may be below itself.
const maxDepth = 4

// rest stands in a route for parts of a path that no pattern names.
const rest = "/{...}"

// matched notes the pattern that a multiplexer has found at a path, below the one of the pattern outer, if any.
//
// A route is made of patterns alone. Of a prefix that was stripped from the path in between, it has the part of the outer pattern that
// stands for it.
func (s *requestScope) matched(h *held, outer, path, pattern string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := s.at
	if from == "" {
		from = h.path
	}
	switch n := len(from) - len(path); {
	case n == 0 && from == path:
	case n > 0 && from[n:] == path:
		if part := cover(outer, from[:n]); s.depth < maxDepth && !strings.HasSuffix(s.mount, part) {
			s.mount += part
			s.depth++
		}
	default:
		s.mount = "" // a path that somebody made up
	}
	s.at, s.route = path, s.mount+pattern
}

// cover returns the part of a pattern's path that stands for a prefix of a path that it matches, nothing of no pattern. It has no byte
// of the prefix.
func cover(pattern, prefix string) string {
	if pattern == "" {
		return ""
	}
	end := 0
	for range strings.Count(strings.TrimSuffix(prefix, "/"), "/") {
		if end == len(pattern) {
			return pattern[:end] + rest
		}
		segment := pattern[end:]
		if i := strings.IndexByte(segment[1:], '/'); i >= 0 {
			segment = segment[:1+i]
		}
		switch {
		case segment == "/" || segment == "/{$}":
			return pattern[:end] + rest
		case strings.HasSuffix(segment, "...}"):
			return pattern[:end] + segment
		}
		end += len(segment)
	}
	return pattern[:end]
}

// patternPath returns the path of a multiplexer's pattern, which is "[METHOD ][HOST]/[PATH]".
func patternPath(pattern string) string {
	if i := strings.IndexByte(pattern, '/'); i >= 0 {
		return pattern[i:]
	}
	return ""
}
