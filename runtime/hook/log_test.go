package hook

import (
	"fmt"
	"strings"
	"testing"
)

func TestHasField(t *testing.T) {
	for text, want := range map[string]bool{
		``:                                   false,
		`{`:                                  false,
		`{"trace_id":"x"}`:                   true,
		`"a":1,"trace_id":"x"`:               true,
		`{ "a" : {"b":1}, "trace_id" : null`: true,
		`{"a":{"trace_id":"x"}}`:             false,
		`{"a":[{"trace_id":"x"}],"b":"trace_id"}`: false,
		`{"a":"\",\"trace_id\":1"}`:               false,
		`{"a":"x\\","trace_id":1}`:                true,
		`{"trace_id`:                              false,
		`{"trace_id"`:                             false,
		`]]}}"trace_id":1`:                        false,
		`{"a":"\`:                                 false,
	} {
		if got := HasField([]byte(text), TraceID); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestFields(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 100_000)
	for text, want := range map[string]string{
		``:     "[]",
		`[1]`:  "[]",
		`null`: "[]",
		`{"s":"\u00e9\ud800","i":9223372036854775807,"u":18446744073709551615,"f":1.5,"e":1e3,"b":true,"n":null,"l":[1,{"x":2}],"o":{"p":{"q":1}},"level":"x"}`: "[s=é\uFFFD i=9223372036854775807 u=1.8446744073709552e+19 f=1.5 e=1000 b=true n=<nil> l=[1,{\"x\":2}] o=[p=[q=1]]]",
		`{"a":1,"b":`:       "[a=1]",
		`{"a":1,"b":x}`:     "[a=1]",
		`{"a":1e999,"a":2}`: "[a=1e999 a=2]",
		deep:                "[]",
		`{"a":1,"b":"` + strings.Repeat("x", maxFields) + `"}`: "[a=1]",
	} {
		if got := fmt.Sprint(Fields([]byte(text), "level")); got != want {
			t.Errorf("%.200s: %s\nwant %s", text, got, want)
		}
	}
}
