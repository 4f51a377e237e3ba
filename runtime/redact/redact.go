// Package redact has what hooks show of things that may hold secrets: URLs, their queries, and commands of Redis.
package redact

import (
	"net/url"
	"strings"
)

// redacted stands in for what must not leave the process.
const redacted = "REDACTED"

// sensitive are the query keys whose values are signatures or credentials, as the semantic conventions list them.
var sensitive = []string{"AWSAccessKeyId", "Signature", "sig", "X-Goog-Signature", "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token"}

// Query hides the values of sensitive keys. A query without any is returned as it is.
func Query(q string) string {
	found := false
	for _, key := range sensitive {
		if strings.Contains(q, key) {
			found = true
			break
		}
	}
	if !found && !strings.Contains(q, "%") {
		return q
	}
	pairs := strings.Split(q, "&")
	for i, pair := range pairs {
		key, _, ok := strings.Cut(pair, "=")
		if !ok {
			continue
		}
		plain, err := url.QueryUnescape(key)
		if err != nil {
			plain = key
		}
		for _, s := range sensitive {
			if plain == s {
				pairs[i] = key + "=" + redacted
				break
			}
		}
	}
	return strings.Join(pairs, "&")
}

// URL renders u for the attribute url.full, without credentials.
func URL(u *url.URL) string {
	query := Query(u.RawQuery)
	if u.User == nil && query == u.RawQuery {
		return u.String()
	}
	c := *u
	c.RawQuery = query
	if u.User != nil {
		c.User = url.UserPassword(redacted, redacted)
		if _, has := u.User.Password(); !has {
			c.User = url.User(redacted)
		}
	}
	return c.String()
}
