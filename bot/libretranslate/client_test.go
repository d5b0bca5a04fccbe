package libretranslate_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"patikra/bot/libretranslate"
)

// server is as strict as the documented one: another path, method, kind of body or field is refused.
func server(t *testing.T, key string, answer func(w http.ResponseWriter, q, from, to string)) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refuse := func(code int, why string) {
			w.WriteHeader(code)
			json.NewEncoder(w).Encode(map[string]string{"error": why})
		}
		if r.URL.Path != "/translate" || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			refuse(http.StatusBadRequest, "Invalid request")
			return
		}
		var ask struct {
			Q      string `json:"q"`
			Source string `json:"source"`
			Target string `json:"target"`
			Format string `json:"format"`
			Key    string `json:"api_key"`
		}
		d := json.NewDecoder(r.Body)
		d.DisallowUnknownFields()
		switch err := d.Decode(&ask); {
		case err != nil || ask.Q == "" || ask.Format != "text" || len(ask.Source) != 2 || len(ask.Target) != 2:
			refuse(http.StatusBadRequest, "Invalid request: missing or unknown parameter")
		case ask.Key != key:
			refuse(http.StatusForbidden, "Invalid API key")
		default:
			answer(w, ask.Q, ask.Source, ask.Target)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func TestWordsAreTranslatedAsTheAPIDescribes(t *testing.T) {
	s := server(t, "secret", func(w http.ResponseWriter, q, from, to string) {
		json.NewEncoder(w).Encode(map[string]any{"translatedText": from + ">" + to + ": " + q + "\n", "alternatives": []string{}})
	})
	c, err := libretranslate.New(s.URL+"/", "secret")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Translate(t.Context(), "Він забрав <паспорт> & гроші", "uk", "lt"); err != nil || got != "uk>lt: Він забрав <паспорт> & гроші" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAServerThatFailsOrLiesGivesNoTranslationAndTellsNothing(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the words went elsewhere") }))
	defer elsewhere.Close()
	for name, answer := range map[string]func(w http.ResponseWriter, q, from, to string){
		"an error": func(w http.ResponseWriter, q, _, _ string) { http.Error(w, q, http.StatusTooManyRequests) },
		"no JSON":  func(w http.ResponseWriter, q, _, _ string) { io.WriteString(w, q) },
		"no text":  func(w http.ResponseWriter, q, _, _ string) { io.WriteString(w, `{"error":"`+q+`"}`) },
		"too much": func(w http.ResponseWriter, _, _, _ string) {
			io.WriteString(w, `{"translatedText":"`+strings.Repeat("a", 1<<20)+`"}`)
		},
		"another kind": func(w http.ResponseWriter, _, _, _ string) { io.WriteString(w, `{"translatedText":["a"]}`) },
		"a redirect": func(w http.ResponseWriter, _, _, _ string) {
			w.Header().Set("Location", elsewhere.URL+"/translate")
			w.WriteHeader(http.StatusTemporaryRedirect)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := libretranslate.New(server(t, "", answer).URL, "")
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Translate(t.Context(), "my passport", "en", "lt")
			if err == nil || got != "" {
				t.Errorf("%.40q, %v", got, err)
			}
			if strings.Contains(err.Error(), "passport") || strings.Contains(err.Error(), "127.0.0.1") {
				t.Errorf("the error tells %v", err)
			}
		})
	}
}

func TestATranslationHasALengthAndATime(t *testing.T) {
	asked := false
	s := server(t, "", func(w http.ResponseWriter, _, _, _ string) { asked = true })
	c, err := libretranslate.New(s.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Translate(t.Context(), strings.Repeat("ы", 5001), "ru", "lt"); !errors.Is(err, libretranslate.ErrLong) || asked {
		t.Errorf("too long: %v, asked %v", err, asked)
	}
	held := make(chan struct{})
	slow := server(t, "", func(http.ResponseWriter, string, string, string) { <-held })
	if c, err = libretranslate.New(slow.URL, ""); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Translate(ctx, "words", "en", "lt"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a slow server: %v", err)
	}
	close(held)
}

func TestAnAddressThatIsNoneIsRefused(t *testing.T) {
	for _, base := range []string{"", "localhost:5000", "ftp://host", "http://", "http://a:b@host", "http://host?x=1"} {
		if _, err := libretranslate.New(base, ""); err == nil {
			t.Errorf("%q is taken", base)
		}
	}
}
