// Package libretranslate has words translated by a LibreTranslate server, as its API describes POST /translate. What is translated goes to
// that server: it should be one's own.
package libretranslate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of one translation.
const (
	timeout   = 3 * time.Second
	mostWords = 5000      // letters that are sent; longer words stand as they are
	mostBack  = 128 << 10 // bytes of an answer
)

// ErrLong says that words are too long to be translated.
var ErrLong = errors.New("too long to be translated")

// Client asks one server. Make it with New.
type Client struct {
	url, key string
	http     *http.Client
}

// New returns a client of the server at base, as http://127.0.0.1:5000; key is sent along where the server wants one.
func New(base, key string) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, errors.New("this is no web address; write http://host:port")
	}
	client := &http.Client{Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error {
		return errors.New("it answers with a redirect, and people's words go nowhere else")
	}}
	return &Client{strings.TrimSuffix(base, "/") + "/translate", key, client}, nil
}

// Translate returns text in the language to. No error holds any of the words, the address or the key.
func (c *Client) Translate(ctx context.Context, text, from, to string) (string, error) {
	if utf8.RuneCountInString(text) > mostWords {
		return "", ErrLong
	}
	ask := map[string]string{"q": text, "source": from, "target": to, "format": "text"}
	if c.key != "" {
		ask["api_key"] = c.key
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return "", errors.New("ask for a translation: the address is wrong")
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(r)
	if err != nil {
		var of *url.Error
		if errors.As(err, &of) { // it prints the whole address
			err = of.Err
		}
		return "", fmt.Errorf("ask for a translation: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("ask for a translation: the server answers %d", resp.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, mostBack+1))
	if err != nil {
		return "", fmt.Errorf("read a translation: %w", err)
	}
	var back struct {
		Text *string `json:"translatedText"`
	}
	if len(raw) > mostBack || json.Unmarshal(raw, &back) != nil || back.Text == nil || !utf8.ValidString(*back.Text) {
		return "", errors.New("read a translation: the answer is none")
	}
	return strings.TrimSpace(*back.Text), nil
}
