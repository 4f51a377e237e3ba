package declarative

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// shown is a node as JSON, scalars as strings, and plain ones that are null as null.
func shown(n *node) any {
	switch n.kind {
	case sequence:
		all := []any{}
		for _, i := range n.items {
			all = append(all, shown(i))
		}
		return all
	case mapping:
		all := map[string]any{}
		for _, e := range n.entries {
			all[e.key.text] = shown(e.value)
		}
		return all
	}
	if n.null() {
		return nil
	}
	return n.text
}

func TestYAML(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", `null`},
		{"# nothing\n---\n# at all\n...\n", `null`},
		{"a: 1\nb:\n  c: x y # why\n  d: \"q # r\"\n", `{"a":"1","b":{"c":"x y","d":"q # r"}}`},
		{"a:\n- 1\n-  2\n-\n- - 3\n  - 4\n- b: 5\n  c: 6\n", `{"a":["1","2",null,["3","4"],{"b":"5","c":"6"}]}`},
		{"- # why\n  a:\n  b: ~\n- {}\n- []\n", `[{"a":null,"b":null},{},[]]`},
		{"a: [1, 'b, c', [d], {e: f, \"g\":h, i}, ]\n", `{"a":["1","b, c",["d"],{"e":"f","g":"h","i":null}]}`},
		{"a: [ # why\n  1,\n\n  2 ]\nb: {\n  c: 3\n}\n", `{"a":["1","2"],"b":{"c":"3"}}`},
		{`{"a": "\u00e9\ud83d\ude00\n\"\\\/", "b":[1.5,true,null]}`, `{"a":"é😀\n\"\\/","b":["1.5","true",null]}`},
		{"a: 'it''s'\nb: http://host:4318/v1#x\nc: -1\nd: a:b\ne: '*'\n", `{"a":"it's","b":"http://host:4318/v1#x","c":"-1","d":"a:b","e":"*"}`},
		{"a: |\n  one\n   two\n\n  three\n\nb: >\n  one\n  two\n\n   three\n\n  four\nc: |-\n  x\n", `{"a":"one\n two\n\nthree\n","b":"one two\n\n three\n\nfour\n","c":"x"}`},
		{"a: |+\n\n  x\n\n\nb: |\nc: >-\n  x\n  y", `{"a":"\nx\n\n\n","b":"","c":"x y"}`},
		{"\ufeffa: 1\r\nb:\r\n  - 2\r\n", `{"a":"1","b":["2"]}`},
		{"a: ${X:-b, {c}} d\nb: [${Y}, ${Z:-1}]\n", `{"a":"${X:-b, {c}} d","b":["${Y}","${Z:-1}"]}`},
		{"\"a b\" : 1\n'c': 2\n? : 3\n", ``},
		{"a b: 1\n", `{"a b":"1"}`},
	} {
		n, err := parse(c.text)
		if c.want == "" {
			if err == nil {
				t.Errorf("%q was read", c.text)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		is, _ := json.Marshal(shown(n))
		var a, b any
		_ = json.Unmarshal(is, &a)
		if err := json.Unmarshal([]byte(c.want), &b); err != nil {
			t.Fatal(err)
		}
		want, _ := json.Marshal(b)
		if is, _ = json.Marshal(a); string(is) != string(want) {
			t.Errorf("%q is\n%s, not\n%s", c.text, is, want)
		}
	}
}

// TestYAMLRefuses has what is not read, and where that is said.
func TestYAMLRefuses(t *testing.T) {
	for _, c := range []struct{ text, fault string }{
		{"a: 1\n b: 2\n", "2:2: a value goes on in this line"},
		{"a:\n  b: 1\n   c: 2\n", "3:4: a value goes on"},
		{"a:\n    b: 1\n  c: 2\n", "3:3: this is not indented like what is before it"},
		{"a:\n\tb: 1\n", "2:2: a tab indents this line"},
		{"a: 1\na: 2\n", `2:1: duplicate key "a"; the first is in line 1`},
		{"a: &x 1\n", "1:4: anchors and aliases are not read"},
		{"a: *x\n", "1:4: anchors and aliases are not read"},
		{"a: !!str 1\n", "1:4: tags are not read"},
		{"a: b: c\n", "1:5: a mapping cannot begin here"},
		{"a: - b\n", "1:4: a sequence cannot begin in the line of its key"},
		{"a: \"x\n  y\"\n", "1:6: a text in quotes does not end in its line"},
		{"a: 'x\n", "1:6: a text in quotes does not end"},
		{"a: \"\\q\"\n", `1:5: unknown escape \q`},
		{"a: \"\\u12\"\n", `1:5: \u wants 4 hexadecimal digits`},
		{"a: [1, 2\nb: 3\n", "2:1: expected ',' or \"]\""},
		{"a: [1\n", "2:1: brackets do not end"},
		{"a: [b: c]\n", "1:6: a mapping within brackets is written in braces"},
		{"a: 1\n---\nb: 2\n", "2:1: a second document"},
		{"a: |2\n   x\n", "1:5: an indentation indicator is not read"},
		{"a: %x\n", `1:4: a value cannot begin with "%"`},
		{"a: 1\rb: 2\n", "1:5: a byte that is not UTF-8, or a control character"},
		{"a: [b,#c\n]\n", `1:7: a value cannot begin with "#"`},
		{"a: ${X:-b: c}\n", "1:10: a mapping cannot begin here"},
		{"a: \xff\n", "1:4: a byte that is not UTF-8"},
		{"a: 1\nb: \x01\n", "2:4: a byte that is not UTF-8, or a control character"},
		{"? a\n: b\n", "1:1: keys that are no scalars are not read"},
		{"a: 1\n- b\n", "2:1: an item of a sequence between the keys of a mapping"},
		{"a: 1\nb\n", "2:2: expected ':' after the key"},
		{"é: \"\\q\"\n", `1:5: unknown escape`},
		{strings.Repeat("[", 100), "1:64: values nest deeper than 64"},
		{strings.Repeat("- ", 100), "1:129: values nest deeper than 64"},
	} {
		n, err := parse(c.text)
		if err == nil {
			is, _ := json.Marshal(shown(n))
			t.Errorf("%q is %s", c.text, is)
		} else if !strings.HasPrefix(err.Error(), c.fault) {
			t.Errorf("%q: %v, not %s", c.text, err, c.fault)
		}
	}
}

// FuzzYAML looks for panics, for endless loops, and for JSON that is read as something else than encoding/json does.
func FuzzYAML(f *testing.F) {
	for _, seed := range []string{"a: 1\nb:\n  - c\n", `{"a":[1,"b"]}`, "a: |\n  b\n", "- - [x, {y: z}]\n", "a: \"\\u00e9\"\n"} {
		f.Add(seed)
	}
	if example, err := os.ReadFile("testdata/all.yaml"); err == nil {
		f.Add(string(example))
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := parse(text)
		var want any
		if json.Unmarshal([]byte(text), &want) != nil || err != nil {
			return
		}
		if s, is := want.(string); is && s != n.text {
			t.Errorf("%q is %q, not %q", text, n.text, s)
		}
		if m, is := want.(map[string]any); is && len(m) != len(n.entries) {
			t.Errorf("%q has %d keys, not %d", text, len(n.entries), len(m))
		}
		if l, is := want.([]any); is && len(l) != len(n.items) {
			t.Errorf("%q has %d items, not %d", text, len(n.items), len(l))
		}
	})
}
