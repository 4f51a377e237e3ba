package p

import "net/http"

var Client = http.Client{Timeout: 5}
