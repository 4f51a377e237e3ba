package redact

import (
	"net/url"
	"strings"
	"testing"
)

func TestRedis(t *testing.T) {
	for command, want := range map[string]string{
		"":                                  "",
		"get user:7":                        "GET user:7",
		"SET user:7 secret":                 "SET user:7 ?",
		"MSET a secret b two":               "MSET a ? ? ?",
		"DEL a b c":                         "DEL a b c",
		"HSET h f secret":                   "HSET h f ?",
		"AUTH bob secret":                   "AUTH ? ?",
		"HELLO 3 AUTH bob secret SETNAME x": "HELLO ? ? ? ? ? ?",
		"MIGRATE host 6379 key 0 1000 AUTH2 bob secret": "MIGRATE ? ? ? ? ? ? ? ?",
		"ACL SETUSER bob on >secret":                    "ACL ? ? ? ?",
		"CONFIG SET requirepass secret":                 "CONFIG SET ? ?",
		"EVAL return%20redis.call('auth','secret') 0":   "EVAL ? ?",
		"NEWCOMMAND name secret":                        "NEWCOMMAND name ?",
		"DEL " + strings.Repeat("k", 2000):              "DEL ...",
	} {
		if got := Redis(strings.Fields(command)...); got != want {
			t.Errorf("%s: %s", command, got)
		}
	}
}

func TestURL(t *testing.T) {
	for text, want := range map[string]string{
		"http://x/a?b=c":                                "http://x/a?b=c",
		"http://bob:secret@x/":                          "http://REDACTED:REDACTED@x/",
		"http://bob@x/":                                 "http://REDACTED@x/",
		"http://x/?sig=secret&a=b":                      "http://x/?sig=REDACTED&a=b",
		"http://x/?a=b&X-Amz-Signature=secret":          "http://x/?a=b&X-Amz-Signature=REDACTED",
		"http://x/?%73ig=secret":                        "http://x/?%73ig=REDACTED",
		"http://x/?signal=7&Signature":                  "http://x/?signal=7&Signature",
		"http://bob:se%20cret@x/?AWSAccessKeyId=secret": "http://REDACTED:REDACTED@x/?AWSAccessKeyId=REDACTED",
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		before := *u
		if got := URL(u); got != want {
			t.Errorf("%s: %s", text, got)
		}
		if u.String() != before.String() {
			t.Errorf("%s was changed", text)
		}
	}
}
