package declarative

import (
	"strings"
)

// substitute puts values of the environment in place of references: ${NAME}, ${env:NAME}, ${NAME:-what else}, and $$ for $. A variable
// that is not set, or set to nothing, is what else there is, or nothing. What a value holds is not looked at again. (OpenTelemetry's
// specification, configuration/data-model, Environment variable substitution.)
func substitute(s string, getenv func(string) string) (out, wrong string) {
	if !strings.Contains(s, "$") {
		return s, ""
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "$")
		b.WriteString(before)
		if !found {
			return b.String(), ""
		}
		s = rest
		switch {
		case strings.HasPrefix(s, "$"):
			b.WriteByte('$')
			s = s[1:]
		case strings.HasPrefix(s, "{"):
			reference, after, ends := strings.Cut(s[1:], "}")
			name, other, _ := strings.Cut(strings.TrimPrefix(reference, "env:"), ":-")
			if !ends || !named(name) || strings.Contains(other, "\n") {
				return "", "${" + reference + "} is not a variable reference: write ${NAME}, ${env:NAME} or ${NAME:-default}"
			}
			value := getenv(name)
			if value == "" {
				value = other
			}
			b.WriteString(value)
			s = after
		default:
			b.WriteByte('$')
		}
	}
}

// named reports whether a variable can have this name.
func named(name string) bool {
	for i, c := range []byte(name) {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}
