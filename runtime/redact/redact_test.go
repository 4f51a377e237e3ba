package redact

import (
	"net/url"
	"strings"
	"testing"
)

func TestRedis(t *testing.T) {
	for command, want := range map[string]string{
		"zrange board [secret (secret BYLEX": "ZRANGE board ? ? ?",
		"sscan set 0 MATCH secret*":          "SSCAN set ? ? ?",
		"":                                   "",
		"get user:7":                         "GET user:7",
		"SET user:7 secret":                  "SET user:7 ?",
		"MSET a secret b two":                "MSET a ? ? ?",
		"DEL a b c":                          "DEL a b c",
		"HSET h f secret":                    "HSET h f ?",
		"AUTH bob secret":                    "AUTH ? ?",
		"HELLO 3 AUTH bob secret SETNAME x":  "HELLO ? ? ? ? ? ?",
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

// secret must not be in anything that is shown.
const secret = "tops3cret"

func TestURL(t *testing.T) {
	const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4fw"
	const long = "Zx81Qk7Lm2Nb4Vc6Xs9Ad3Fg5Hj0Kl2Pq8Rt4Yu6Iv"
	for text, want := range map[string]string{
		"http://x/a?b=c":                                "http://x/a?b=c",
		"http://bob:tops3cret@x/":                       "http://REDACTED:REDACTED@x/",
		"http://bob@x/":                                 "http://REDACTED@x/",
		"http://x/?sig=tops3cret&a=b":                   "http://x/?sig=REDACTED&a=b",
		"http://x/?a=b&X-Amz-Signature=tops3cret":       "http://x/?a=b&X-Amz-Signature=REDACTED",
		"http://x/?%73ig=tops3cret":                     "http://x/?%73ig=REDACTED",
		"http://x/?%2573ig=tops3cret":                   "http://x/?%2573ig=REDACTED",
		"http://x/?signal=7&Signature":                  "http://x/?signal=7&Signature",
		"http://bob:se%20cret@x/?AWSAccessKeyId=secret": "http://REDACTED:REDACTED@x/?AWSAccessKeyId=REDACTED",
		"http://x/?SIG=tops3cret&Access_Token=tops3cret&api-key=tops3cret&user[password]=tops3cret&page=2": "http://x/?SIG=REDACTED&Access_Token=REDACTED&api-key=REDACTED&user[password]=REDACTED&page=2",
		"http://x/?a=1;token=tops3cret;b=2":                                         "http://x/?a=1;token=REDACTED;b=2",
		"https://b.s3.amazonaws.com/k?X-Amz-Credential=tops3cret&X-Amz-Date=1":      "https://b.s3.amazonaws.com/k?X-Amz-Credential=REDACTED&X-Amz-Date=1",
		"https://storage.googleapis.com/b/k?X-Goog-Signature=tops3cret":             "https://storage.googleapis.com/b/k?X-Goog-Signature=REDACTED",
		"https://a.blob.core.windows.net/c/b?sv=2024&se=2026&sig=tops3cret%3D&sp=r": "https://a.blob.core.windows.net/c/b?sv=2024&se=2026&sig=REDACTED&sp=r",
		"http://x/cb#access_token=tops3cret&state=1":                                "http://x/cb#access_token=REDACTED&state=1",
		"http://x/#part-2":                                                                             "http://x/#part-2",
		"http://x/a;jsessionid=tops3cret/b":                                                            "http://x/a;jsessionid=REDACTED/b",
		"http://x/?to=https%3A%2F%2Fbob%3Atops3cret%40y%2F&a=b":                                        "http://x/?to=REDACTED&a=b",
		"http://x/?to=https%3A%2F%2Fy%2F%3Fsig%3Dtops3cret":                                            "http://x/?to=REDACTED",
		"http://x/?to=https%3A%2F%2Fy%2F%3Fq%3D1":                                                      "http://x/?to=https%3A%2F%2Fy%2F%3Fq%3D1",
		"http://x/?q=" + jwt:                                                                           "http://x/?q=REDACTED",
		"http://x/verify/" + jwt + "/now":                                                              "http://x/verify/REDACTED/now",
		"http://x/?h=Bearer%20tops3cret0123456":                                                        "http://x/?h=REDACTED",
		"http://x/reset-password/0123456789tops3cret/":                                                 "http://x/reset-password/REDACTED/",
		"http://x/users/0123456789abcdef":                                                              "http://x/users/0123456789abcdef",
		"https://api.telegram.org/bot123456789:AAtops3cretAAAAAA/getMe":                                "https://api.telegram.org/REDACTED/getMe",
		"https://hooks.slack.com/services/T00000000/B00000000/XXtops3cretXXXXXXXXXX":                   "https://hooks.slack.com/services/T00000000/B00000000/REDACTED",
		"https://discord.com/api/webhooks/123456789012345678/" + long:                                  "https://discord.com/api/webhooks/123456789012345678/REDACTED",
		"https://x/v2/r/blobs/sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae": "https://x/v2/r/blobs/sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
		"file:///etc/hosts":                                                                            "file:///etc/hosts",
		"bob:tops3cret@x/a":                                                                            "bob:REDACTED@x/a",
		"mailto:bob@x":                                                                                 "mailto:REDACTED@x",
		"http:bob:tops3cret@x/?sig=tops3cret&a=b":                                                      "http:REDACTED@x/?sig=REDACTED&a=b",
		"http://[::1]:80/a":                                                                            "http://[::1]:80/a",
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		before := *u
		got := URL(u)
		if got != want {
			t.Errorf("%s: %s", text, got)
		}
		if strings.Contains(got, secret) {
			t.Errorf("%s is shown as %s", text, got)
		}
		if u.String() != before.String() {
			t.Errorf("%s was changed", text)
		}
	}
}

// TestURLByHand hides secrets in URLs that no parser made.
func TestURLByHand(t *testing.T) {
	for want, u := range map[string]url.URL{
		"https://REDACTED:REDACTED@h/p?sig=REDACTED": {Scheme: "https", Host: "h", Opaque: "//bob:tops3cret@h/p?sig=tops3cret"},
		"https://h/p;token=REDACTED?a=1":             {Scheme: "https", Host: "h", Opaque: "//h/p;token=tops3cret", RawQuery: "a=1"},
		"https:h/p?password=REDACTED":                {Scheme: "https", Opaque: "h/p", RawQuery: "password=tops3cret"},
		"https://REDACTED%40h/":                      {Scheme: "https", Host: "bob:tops3cret@h", Path: "/"},
		"https://h/?a=1#id_token=REDACTED":           {Scheme: "https", Host: "h", Path: "/", RawQuery: "a=1", Fragment: "id_token=tops3cret"},
		"//REDACTED:REDACTED@h/":                     {User: url.UserPassword("bob", secret), Host: "h", Path: "/"},
	} {
		if got := URL(&u); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	// Cut off in the middle of what may be a password.
	long := strings.Repeat("x", Max-12)
	for _, u := range []url.URL{
		{Scheme: "https", Opaque: "//" + long + ":tops3cret" + long + "@h/"},
		{Scheme: "https", Host: "h", RawQuery: "a=" + long + "&sig=tops3cret"},
		{Scheme: "https", Host: "h", Path: "/" + long + ";token=tops3cret"},
		{Scheme: "https", Host: "h", User: url.UserPassword("bob", strings.Repeat(secret, 1<<10))},
	} {
		if got := URL(&u); strings.Contains(got, secret[:4]) || len(got) > Max {
			t.Errorf("%d bytes: %.100s", len(got), got)
		}
	}
}

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"nothing: here": "nothing: here",
		`Get "http://bob:tops3cret@x/?sig=tops3cret": EOF`:                             `Get "http://REDACTED:REDACTED@x/?sig=REDACTED": EOF`,
		`parse "postgres://u:tops3cret": invalid port ":tops3cret" after host`[:27]:    `parse "postgres://REDACTED`,
		"dial http://x:80/a, then https://y/?token=tops3cret and redis://:tops3cret@z": "dial http://x:80/a, then https://y/?token=REDACTED and redis://REDACTED:REDACTED@z",
		"Post https://x/a?b=c: no": "Post https://x/a?b=c: no",
		"://":                      "://",
	} {
		if got := Text(text); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestSteps checks that every scanner looks at each byte a bounded number of times, whatever somebody sends.
func TestSteps(t *testing.T) {
	for name, unit := range map[string]string{
		"words": "a&", "pairs": "a=b&", "keys": "token=a&", "escapes": "%25", "wrong escapes": "%", "escaped pairs": "%61=%62&", "slashes": "/", "segments": "/a", "matrix": "a;b=c/",
		"urls": "http://a/", "nested": "a=http%3A%2F%2Fb%2F%3Fc%3Dd&", "deeper": "a=http://b?c=", "queries": "?a=b", "at": "a@", "colons": ":", "schemes": "://", "fragments": "#a=b", "equals": "=",
		"commas": ",", "tokens": "eyJ", "unicode": "é", "invalid": "\xff", "spaces": " ", "quotes": "\"://",
	} {
		for scan, f := range map[string]func(*scanner, string){
			"query":     func(s *scanner, text string) { s.query(text, 0) },
			"path":      func(s *scanner, text string) { s.path(text, 0) },
			"hierarchy": func(s *scanner, text string) { s.hierarchy("//"+text, false, 0) },
			"opaque":    func(s *scanner, text string) { s.hierarchy(text, false, 0) },
			"text":      func(s *scanner, text string) { s.text(text) },
			"one value": func(s *scanner, text string) {
				s.query("a="+strings.NewReplacer("&", "%26", ";", "%3B", "?", "%3F").Replace(text), 0)
			},
		} {
			steps := func(n int) int {
				var s scanner
				f(&s, strings.Repeat(unit, n))
				return s.steps + 100
			}
			one, two, four := steps(1000), steps(2000), steps(4000)
			if two > 2*one+one/4 || four > 2*two+two/4 || four > 40*4000*len(unit) {
				t.Errorf("%s of %s: %d, %d, %d steps", scan, name, one, two, four)
			}
		}
	}
	big := strings.Repeat("a=b&", 1<<20)
	for name, got := range map[string]string{"query": Query(big), "path": Path(big), "url": URL(&url.URL{Scheme: "http", Host: big, Path: big, RawQuery: big, Opaque: big, Fragment: big})} {
		if len(got) > Max {
			t.Errorf("%s: %d bytes", name, len(got))
		}
	}
}

// TestRedisArguments checks that of arguments of any type no value is shown, and nothing of a long one.
func TestRedisArguments(t *testing.T) {
	for want, args := range map[string][]any{
		"":                      {},
		"SET a ? ? ?":           {"set", "a", "secret", "EX", 5},
		"GET 7":                 {[]byte("get"), int64(7)},
		"GET ?":                 {"get", struct{ s string }{"secret"}},
		"AUTH ? ?":              {"AUTH", "bob", "secret"},
		"HELLO ? ? ? ?":         {"hello", 3, "auth", "bob", "secret"},
		"ACL ? ? ?":             {"acl", "setuser", "bob", ">secret"},
		"CONFIG SET ? ?":        {"config", "SET", "requirepass", "secret"},
		"EVAL ? ? ?":            {"eval", "return 'secret'", 1, "a"},
		"MIGRATE ? ? ? ? ? ? ?": {"migrate", "h", 1, "", 0, 5, "AUTH", "secret"},
		"PING ?":                {"ping", "secret"},
		"GET ...":               {"get", strings.Repeat("k", 1<<20)},
		"NOSUCH a ?":            {"nosuch", "a", "secret"},
		"MSET a ? ? ?":          {"mset", "a", "secret", "b", "secret"},
	} {
		if got := RedisArguments(args); got != want {
			t.Errorf("%q, and not %q", got, want)
		}
	}
	if got := RedisArguments([]any{struct{}{}, "secret"}); got != "" {
		t.Errorf("%q", got)
	}
}
