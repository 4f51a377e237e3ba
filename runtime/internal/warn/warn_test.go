package warn

import "testing"

func TestLine(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                               "plain",
		"a\nb\x1b[31m\xff":                    "a b [31m\uFFFD",
		"http://u:pw@host/x and x@y":          "http://xxxxx@host/x and x@y",
		`proxy "http://u:p@w/d@host:1": bad`:  `proxy "http://xxxxx@host:1": bad`,
		"http://host/?q and https://tok@host": "http://host/?q and https://xxxxx@host",
	} {
		if got := line(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestOnce(t *testing.T) {
	restore := Capture()
	Once("a", "one")
	Once("a", "two")
	t.Setenv("OTEL_LOG_LEVEL", " OFF")
	Once("b", "three")
	if lines := restore(); len(lines) != 1 || lines[0] != "rules_go_weave: one" {
		t.Errorf("%q", lines)
	}
}
