// Package redact removes secrets from URLs, their queries, texts that contain URLs, and commands of Redis, before hooks record them.
//
// Results are bounded, and the time to make them is proportional to their size, whatever the input.
package redact

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// Max is the longest text that is kept of a part of a URL, and of a whole one, in bytes.
const Max = 4 << 10

// redacted stands in for what must not leave the process.
const redacted = "REDACTED"

// Query masks the values of keys that are known to be secret, including the signatures of AWS, Google, Azure and others, and values with
// the form of a secret. A query without any is returned unchanged.
func Query(q string) string {
	var s scanner
	return s.query(cut(q, Max), 0)
}

// Path masks secrets in the path of a URL: text with the form of a secret, and values of secret keys, as in /a;jsessionid=x.
func Path(p string) string {
	var s scanner
	return s.path(cut(p, Max), 0)
}

// URL formats u for the attribute url.full, without credentials.
func URL(u *url.URL) string {
	var s scanner
	return s.url(u)
}

// Text masks secrets in each URL in a text, such as the error of a client, which names its address.
func Text(text string) string {
	var s scanner
	return s.text(text)
}

// maxDepth bounds how deep URLs are looked for in the values of others.
const maxDepth = 3

// scanner hides secrets. Its steps are bytes that it has looked at, which tests count.
type scanner struct{ steps int }

func (s *scanner) url(u *url.URL) string {
	c := *u
	if len(c.Path) > Max {
		c.Path, c.RawPath = cut(c.Path, Max), ""
	}
	if p := s.path(c.Path, 0); p != c.Path {
		c.Path, c.RawPath = p, ""
	} else if c.RawPath != "" {
		if s.path(c.RawPath, 0) != c.RawPath {
			c.RawPath = ""
		}
	}
	c.Host = cut(c.Host, Max)
	if i := strings.LastIndexByte(c.Host, '@'); i >= 0 {
		c.Host = redacted + c.Host[i:] // no parser makes that
	}
	c.RawQuery = s.query(cut(c.RawQuery, Max), 0)
	if c.Fragment != "" {
		f := s.query(cut(c.Fragment, Max), 0)
		if f != c.Fragment {
			c.Fragment, c.RawFragment = f, ""
		}
	}
	if c.Opaque != "" {
		c.Opaque = s.hierarchy(cut(c.Opaque, Max), len(c.Opaque) > Max, 0)
	}
	if u.User != nil {
		c.User = url.UserPassword(redacted, redacted)
		if _, has := u.User.Password(); !has {
			c.User = url.User(redacted)
		}
	}
	return cut(c.String(), Max)
}

// hierarchy hides secrets in what follows the scheme of a URL. incomplete says that it is cut off at its end.
func (s *scanner) hierarchy(text string, incomplete bool, depth int) string {
	s.steps += len(text)
	authority, rest := "", text
	if strings.HasPrefix(text, "//") {
		end := strings.IndexAny(text[2:], "/?#\\")
		if end < 0 {
			end = len(text) - 2
		}
		authority, rest = text[:2+end], text[2+end:]
		if at := strings.LastIndexByte(authority, '@'); at >= 0 {
			hidden := redacted
			if strings.IndexByte(authority[:at], ':') >= 0 {
				hidden += ":" + redacted
			}
			authority = "//" + hidden + authority[at:]
		} else if !address(authority[2:]) || rest == "" && incomplete {
			authority = "//" + redacted // the rest of which may say that it is a password
		}
	} else if at := strings.IndexByte(text, '@'); at >= 0 && !strings.ContainsAny(text[:at], "/?#") {
		authority, rest = redacted+"@", text[at+1:] // user:password@host without slashes
	}
	path, fragment, hasFragment := strings.Cut(rest, "#")
	path, query, hasQuery := strings.Cut(path, "?")
	out := authority + s.path(path, depth)
	if hasQuery {
		out += "?" + s.query(query, depth)
	}
	if hasFragment {
		out += "#" + s.query(fragment, depth)
	}
	if out == text {
		return text
	}
	return out
}

// address reports whether a text may be a host with a port, or without.
func address(text string) bool {
	if strings.HasPrefix(text, "[") {
		_, text, _ = strings.Cut(text, "]")
	}
	i := strings.IndexByte(text, ':')
	return i < 0 || strings.Trim(text[i+1:], "0123456789") == ""
}

// path hides secrets in a path: segments that are secrets by their form, and values of secret keys.
func (s *scanner) path(p string, depth int) string {
	return s.parts(p, "/;,", true, depth)
}

// query hides secrets in a query, or in a fragment that is like one.
func (s *scanner) query(q string, depth int) string {
	return s.parts(q, "&;?", false, depth)
}

// parts hides secrets in a text of parts between separators, each a word, or a key and a value.
func (s *scanner) parts(text, separators string, path bool, depth int) string {
	s.steps += len(text)
	var out []byte // what is shown so far, once it is another text
	copied := 0
	before := ""
	for start := 0; start <= len(text); {
		end := strings.IndexAny(text[start:], separators)
		if end < 0 {
			end = len(text)
		} else {
			end += start
		}
		part := text[start:end]
		if from, to := s.secret(part, before, path, depth); to > from {
			out = append(append(out, text[copied:start+from]...), redacted...)
			copied = start + to
		}
		before = part
		start = end + 1
	}
	if out == nil {
		return text
	}
	return string(append(out, text[copied:]...))
}

// secret returns where in a part something is to be hidden.
func (s *scanner) secret(part, before string, path bool, depth int) (from, to int) {
	key, value, pair := strings.Cut(part, "=")
	if !pair {
		word := s.unescape(part)
		if byForm(word) || path && (random(word) && secretBefore(before) || botToken(word)) {
			return 0, len(part)
		}
		return 0, 0
	}
	if value == "" {
		return 0, 0
	}
	from, to = len(key)+1, len(part)
	if secretKey(s.unescape(key)) {
		return from, to
	}
	plain := s.unescape(value)
	if !path && strings.IndexByte(plain, '+') >= 0 {
		plain = strings.ReplaceAll(plain, "+", " ")
	}
	switch {
	case byForm(plain):
		return from, to
	case depth < maxDepth && strings.ContainsAny(plain, "=@:") && s.nested(plain, depth+1):
		return from, to
	}
	return 0, 0
}

// nested reports whether a value is a URL or a query that has secrets.
func (s *scanner) nested(value string, depth int) bool {
	if i := strings.Index(value, "//"); i >= 0 {
		rest := value[i:]
		return s.hierarchy(rest, false, depth) != rest
	}
	if _, query, ok := strings.Cut(value, "?"); ok {
		return s.query(query, depth) != query
	}
	return strings.IndexByte(value, '=') >= 0 && s.query(value, depth) != value
}

// unescape undoes what escapes there are, those of escapes too.
func (s *scanner) unescape(text string) string { return s.unescapeOnce(s.unescapeOnce(text)) }

// unescapeOnce leaves a wrong escape as it is.
func (s *scanner) unescapeOnce(text string) string {
	if strings.IndexByte(text, '%') < 0 {
		return text
	}
	s.steps += len(text)
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if hi, lo := hex(text[i+1]), hex(text[i+2]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, text[i])
	}
	return string(out)
}

func hex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// text hides secrets in the URLs of a text, and shows the rest of it as it is.
func (s *scanner) text(text string) string {
	s.steps += len(text)
	var out []byte
	copied := 0
	for at := 0; ; {
		i := strings.Index(text[at:], "://")
		if i < 0 {
			break
		}
		start := at + i + 1
		end := start + 2
		for end < len(text) && !ends(text[end]) {
			end++
		}
		if shown := s.hierarchy(text[start:end], false, 0); shown != text[start:end] {
			out = append(append(out, text[copied:start]...), shown...)
			copied = end
		}
		at = end
	}
	if out == nil {
		return text
	}
	return string(append(out, text[copied:]...))
}

// ends reports whether a byte ends a URL in a text.
func ends(c byte) bool {
	return c <= ' ' || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>' || c == '|' || c == 0x7f
}

// cut returns at most n bytes of s, which keep nothing of the rest alive.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n])
}
