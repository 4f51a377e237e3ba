// Package storefront sells what the inventory has: it takes orders over HTTP and reserves their lines at the inventory.
package storefront

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Article is what the inventory tells about an article.
type Article struct {
	SKU   string `json:"sku"`
	Name  string `json:"name"`
	Cents int64  `json:"cents"`
	Stock int64  `json:"stock"`
}

// StatusError is an answer of the inventory other than success.
type StatusError struct {
	// Status is the HTTP status.
	Status int
	// Message is the first line of the answer.
	Message string
}

// Error names the status and the message.
func (e *StatusError) Error() string {
	return fmt.Sprintf("inventory: %d %s: %s", e.Status, http.StatusText(e.Status), e.Message)
}

// Client asks the inventory service.
type Client struct {
	base string
	http *http.Client
}

// NewClient returns a client of the inventory at the base URL.
func NewClient(base string) *Client {
	return &Client{base: strings.TrimSuffix(base, "/"), http: &http.Client{Timeout: 10 * time.Second}}
}

// Articles lists everything.
func (c *Client) Articles(ctx context.Context) ([]Article, error) {
	var articles []Article
	err := c.do(ctx, http.MethodGet, "/items", nil, &articles)
	return articles, err
}

// Article returns one article.
func (c *Client) Article(ctx context.Context, sku string) (Article, error) {
	var article Article
	err := c.do(ctx, http.MethodGet, "/items/"+sku, nil, &article)
	return article, err
}

// Reserve takes a quantity out of the stock.
func (c *Client) Reserve(ctx context.Context, line Line) error {
	return c.do(ctx, http.MethodPost, "/reservations", line, nil)
}

func (c *Client) do(ctx context.Context, method, path string, body, answer any) error {
	var payload io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		payload = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, payload)
	if err != nil {
		return err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10))
		message, _, _ := strings.Cut(string(text), "\n")
		return &StatusError{Status: response.StatusCode, Message: message}
	}
	if answer == nil {
		_, err := io.Copy(io.Discard, response.Body)
		return err
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
