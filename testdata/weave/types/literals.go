package p

import "net/http"

type client = http.Client

type clients []http.Client

type pointers []*client

type named map[string]clients

var (
	list  = clients{{Timeout: 1}, {}}
	addrs = pointers{{Timeout: 2}, nil}
	deep  = named{"a": {{Timeout: 3}}}
	own   = http.Client{Timeout: 4}
	other = []struct{ Timeout int }{{Timeout: 5}}
	made  = new(client)
)

func local() {
	type Client struct{ Timeout int }
	_ = []Client{{Timeout: 6}}
}
