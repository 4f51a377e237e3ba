// Command oracle runs templates with Go's text/template: a list of {text, data} as JSON on standard input, a list of
// {output, error} on standard output. An object {"$thing": NAME} in the data is a value with methods.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"text/template"
)

type thing struct {
	Name string
	Next any
}

func (t *thing) String() string              { return "<" + t.Name + ">" }
func (t *thing) Greet(who string) string     { return t.Name + " greets " + who }
func (t *thing) Fail() (string, error)       { return "", errors.New("failed") }
func (t *thing) Items() []any                { return []any{t.Name, 1, true} }
func (t *thing) Join(words ...string) string { return strings.Join(words, t.Name) }

func value(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n)
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = value(v[i])
		}
	case map[string]any:
		if name, ok := v["$thing"].(string); ok {
			return &thing{Name: name, Next: value(v["next"])}
		}
		for k := range v {
			v[k] = value(v[k])
		}
	}
	return v
}

func run(text string, data any) (out, failed string) {
	t, err := template.New("root").Funcs(template.FuncMap{"Version": func() string { return "v1" }}).Parse(text)
	if err != nil {
		return "", "parse: " + err.Error()
	}
	var b bytes.Buffer
	if err := t.Execute(&b, value(data)); err != nil {
		return "", "exec: " + err.Error()
	}
	return b.String(), ""
}

func main() {
	d := json.NewDecoder(os.Stdin)
	d.UseNumber()
	var cases []struct {
		Text string
		Data any
	}
	if err := d.Decode(&cases); err != nil {
		panic(err)
	}
	type result struct {
		Output string `json:"output"`
		Error  string `json:"error"`
	}
	results := []result{}
	for _, c := range cases {
		var r result
		r.Output, r.Error = run(c.Text, c.Data)
		results = append(results, r)
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		panic(err)
	}
}
