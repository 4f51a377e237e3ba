package p

import "io"

type Client struct{ name string }

type secret struct{}

func (c *Client) Get(url string, body io.Reader) (int, error) { return 0, nil }

func (c *Client) Put(url string) error {
	c.name = url
	return nil
}

func List[T any](items []T) T { return items[0] }

func Delete(url string) {
	Get(url)
	Get(url)
}

func Get(url string) {}

func internal(s secret) {}

type Wrapped struct{ *Client }
