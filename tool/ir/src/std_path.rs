//! Packages of the standard library that people call by their names alone.

/// Names of packages whose import path is a longer one; where several have one, the one that is meant more often.
const LONGER: &[(&str, &str)] = &[
    ("aes", "crypto/aes"),
    ("asn1", "encoding/asn1"),
    ("ast", "go/ast"),
    ("atomic", "sync/atomic"),
    ("base64", "encoding/base64"),
    ("big", "math/big"),
    ("binary", "encoding/binary"),
    ("bits", "math/bits"),
    ("cipher", "crypto/cipher"),
    ("cookiejar", "net/http/cookiejar"),
    ("csv", "encoding/csv"),
    ("driver", "database/sql/driver"),
    ("ecdsa", "crypto/ecdsa"),
    ("ed25519", "crypto/ed25519"),
    ("exec", "os/exec"),
    ("filepath", "path/filepath"),
    ("fs", "io/fs"),
    ("fstest", "testing/fstest"),
    ("gob", "encoding/gob"),
    ("gzip", "compress/gzip"),
    ("heap", "container/heap"),
    ("hex", "encoding/hex"),
    ("hmac", "crypto/hmac"),
    ("http", "net/http"),
    ("httptest", "net/http/httptest"),
    ("httptrace", "net/http/httptrace"),
    ("httputil", "net/http/httputil"),
    ("ioutil", "io/ioutil"),
    ("json", "encoding/json"),
    ("list", "container/list"),
    ("mail", "net/mail"),
    ("multipart", "mime/multipart"),
    ("netip", "net/netip"),
    ("pem", "encoding/pem"),
    ("pprof", "net/http/pprof"),
    ("rand", "math/rand"),
    ("rpc", "net/rpc"),
    ("rsa", "crypto/rsa"),
    ("sha1", "crypto/sha1"),
    ("sha256", "crypto/sha256"),
    ("sha512", "crypto/sha512"),
    ("signal", "os/signal"),
    ("slog", "log/slog"),
    ("smtp", "net/smtp"),
    ("sql", "database/sql"),
    ("syslog", "log/syslog"),
    ("tabwriter", "text/tabwriter"),
    ("textproto", "net/textproto"),
    ("tls", "crypto/tls"),
    ("url", "net/url"),
    ("utf8", "unicode/utf8"),
    ("x509", "crypto/x509"),
    ("xml", "encoding/xml"),
    ("zlib", "compress/zlib"),
];

/// The import path of the package of the standard library that a name alone most likely means; `None` if it is itself a path.
#[must_use]
pub fn std_path(name: &str) -> Option<&'static str> {
    LONGER.binary_search_by_key(&name, |(n, _)| n).ok().map(|i| LONGER[i].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_end_their_paths() {
        assert!(LONGER.windows(2).all(|w| w[0].0 < w[1].0));
        assert!(LONGER.iter().all(|(name, path)| path.rsplit('/').next() == Some(name)));
        assert_eq!((std_path("http"), std_path("os")), (Some("net/http"), None));
    }
}
