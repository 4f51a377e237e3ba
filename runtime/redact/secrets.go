package redact

import "strings"

// secretKeys are names whose values are credentials or signatures, in small letters and without what separates words: those that the
// semantic conventions list, those of signed URLs of AWS, Google, Azure, Alibaba and Tencent, and those that protocols and programs use.
var secretKeys = func() map[string]bool {
	m := map[string]bool{}
	for _, name := range strings.Fields(`
		sig signature keypairid awsaccesskeyid ossaccesskeyid googleaccessid xamzsignature xamzcredential xamzsecuritytoken
		xgoogsignature xgoogcredential securitytoken qak qsignature
		auth authorization bearer basic token jwt code assertion samlrequest samlresponse ticket otp totp pin mfa
		key apikey appkey accesskey secretkey privatekey signingkey masterkey subscriptionkey sharedkey accountkey
		secret appsecret clientsecret password passwd passphrase pass pwd pw credential credentials cred creds
		session sessionid sessid sid jsessionid phpsessid aspsessionid cookie csrf xsrf hmac
		oauthverifier oauthsignature oauthtoken ssn cvv cvc`) {
		m[name] = true
	}
	return m
}()

// secretEnds are the ends of such names: next_page_token is hidden, too, since nobody can tell it from others.
var secretEnds = []string{"token", "secret", "password", "passwd", "passphrase", "pwd", "apikey", "accesskey", "accesskeyid", "secretkey",
	"privatekey", "subscriptionkey", "signature", "credential", "credentials", "sessionid", "authorization"}

// maxKey is the length from which on a key is not a name, and what it names is hidden.
const maxKey = 128

// secretKey reports whether a key's value is to be hidden.
func secretKey(key string) bool {
	if len(key) > maxKey {
		return true
	}
	var b [maxKey]byte
	n, word := 0, 0
	for i := 0; i < len(key); i++ {
		c := key[i]
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c >= 0x80:
		case c == '[' || c == '.' || c == ':':
			// The last name of user[password], auth.token
			if secretKeys[string(b[word:n])] {
				return true
			}
			word = n
			continue
		default:
			continue
		}
		b[n] = c
		n++
	}
	if secretKeys[string(b[:n])] || secretKeys[string(b[word:n])] {
		return true
	}
	for _, end := range secretEnds {
		if strings.HasSuffix(string(b[:n]), end) {
			return true
		}
	}
	return false
}

// secretStarts are how well-known keys and tokens begin.
var secretStarts = []string{"AKIA", "ASIA", "AIza", "ya29.", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-",
	"xapp-", "sk_live_", "sk_test_", "rk_live_", "rk_test_", "pk_live_", "whsec_", "sk-ant-", "sk-proj-", "SG.", "npm_", "pypi-", "dop_v1_", "shpat_", "hvs.", "eyJ"}

// minSecret is the length of the shortest of those.
const minSecret = 16

// longSecret is the length from which on a word of small and large letters and digits is taken for a key.
const longSecret = 40

// byForm reports whether a word is a secret by its form.
func byForm(word string) bool {
	if len(word) < minSecret {
		return false
	}
	if i := strings.IndexByte(word, ' '); i > 0 && (strings.EqualFold(word[:i], "bearer") || strings.EqualFold(word[:i], "basic")) {
		return true
	}
	for _, start := range secretStarts {
		if strings.HasPrefix(word, start) {
			return true
		}
	}
	return len(word) >= longSecret && kinds(word) == small|large|digit
}

// The kinds of bytes in a word.
const (
	small = 1 << iota
	large
	digit
	no // anything else
)

func kinds(word string) (all int) {
	for i := 0; i < len(word); i++ {
		switch c := word[i]; {
		case 'a' <= c && c <= 'z':
			all |= small
		case 'A' <= c && c <= 'Z':
			all |= large
		case '0' <= c && c <= '9':
			all |= digit
		case c == '-' || c == '_' || c == '+' || c == '=':
		default:
			all |= no
		}
	}
	return all
}

// random reports whether a word is long enough to be a secret, and no word.
func random(word string) bool {
	k := kinds(word)
	return len(word) >= minSecret && k&digit != 0 && k&(small|large) != 0 && k&no == 0
}

// secretBefore reports whether what follows a segment of a path is a secret if it can be one, as in /reset-password/x, and where Slack has
// the one of a webhook, /services/T0/B0/x.
func secretBefore(segment string) bool {
	switch segment {
	case "", "key", "code":
		return false
	}
	return len(segment) <= maxKey && secretKey(segment) || len(segment) >= 9 && segment[0] == 'B' && kinds(segment)&^(large|digit) == 0
}

// botToken reports whether a segment of a path is what Telegram has for a bot, bot12345678:AA...
func botToken(segment string) bool {
	number, _, ok := strings.Cut(segment, ":")
	return ok && len(segment) >= minSecret && strings.HasPrefix(number, "bot") && strings.Trim(number[3:], "0123456789") == ""
}
