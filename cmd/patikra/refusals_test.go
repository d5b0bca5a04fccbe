package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patikra/bot/telegram/telegramtest"
)

// gate stands before the fake Bot API and refuses calls in the words of the real one.
type gate struct {
	mu     sync.Mutex
	refuse func(method string, form url.Values) string // a description; empty: the call goes on
	URL    string
}

func (g *gate) set(f func(method string, form url.Values) string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refuse = f
}

// gated puts a gate before a server.
func gated(t *testing.T, srv *telegramtest.Server) *gate {
	t.Helper()
	to, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	g, proxy := &gate{}, httputil.NewSingleHostReverseProxy(to)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		refuse := g.refuse
		g.mu.Unlock()
		if refuse != nil && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
			var body strings.Builder
			if err := r.ParseForm(); err != nil {
				http.Error(w, "", http.StatusBadRequest)
				return
			}
			if text := refuse(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:], r.PostForm); text != "" {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprintf(w, `{"ok":false,"error_code":400,"description":"Bad Request: %s"}`, text)
				return
			}
			body.WriteString(r.PostForm.Encode())
			r.Body, r.ContentLength = http.NoBody, 0
			r.Body = readCloser{strings.NewReader(body.String())}
			r.ContentLength = int64(body.Len())
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	g.URL = s.URL
	return g
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

// openGated is openDesk behind a gate.
func openGated(t *testing.T) (*counsellors, *gate) {
	t.Helper()
	srv := telegramtest.New(t, telegramtest.Options{})
	d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{Title: "Desk"})}
	d.ruta = srv.User(telegramtest.Person{Name: "Ruta"})
	d.group.Join(d.ruta)
	g := gated(t, srv)
	d.program = launch(t, deskFor(srv, d.group, "TELEGRAM_API="+g.URL)...)
	return d, g
}

func TestWordsAndANewCaseArriveInOrderAfterTheGroupRefusedThemForAWhile(t *testing.T) {
	t.Parallel()
	for _, refusal := range []string{"not enough rights to send text messages to the chat", "TOPIC_CLOSED"} {
		t.Run(refusal, func(t *testing.T) {
			d, g := openGated(t)
			anna, boris := d.srv.User(telegramtest.Person{Language: "en", Name: "A"}), d.srv.User(telegramtest.Person{Language: "en", Name: "B"})
			topic := d.ask(anna)
			d.take(d.ruta, topic)
			g.set(func(method string, form url.Values) string {
				if method == "sendMessage" && form.Get("chat_id") == fmt.Sprint(d.group.ID) {
					return refusal
				}
				return ""
			})
			begin := time.Now()
			for _, words := range []string{"one of three", "two of three", "three of three"} {
				anna.Say(words)
			}
			boris.Say("/human")
			d.sees(boris, "human:agree")
			boris.Press("human:agree")
			d.within(5*time.Second, "staff are told", func() error {
				if refusal == "TOPIC_CLOSED" { // the bot opens a topic again by itself
					return nil
				}
				if _, body := d.get("/readyz"); !strings.Contains(body, refusal) {
					return fmt.Errorf("%s", body)
				}
				return nil
			})
			time.Sleep(time.Until(begin.Add(3 * time.Second)))
			g.set(nil)
			d.soon("what was said, in order", func() bool {
				var said []string
				for _, v := range d.group.Views(topic) {
					if strings.HasSuffix(v.Text, " of three") {
						said = append(said, v.Text)
					}
				}
				return slices.Equal(said, []string{"one of three", "two of three", "three of three"})
			})
			d.soon("the card of the new case", func() bool {
				return slices.ContainsFunc(d.group.All(), func(v telegramtest.View) bool {
					_, waits := v.Find("case:take")
					return waits
				})
			})
		})
	}
}

func TestAQuestionWhoseEditIsRefusedComesAsANewMessage(t *testing.T) {
	t.Parallel()
	for _, refusal := range []string{"MESSAGE_ID_INVALID", "there is no text in the message to edit"} {
		t.Run(refusal, func(t *testing.T) {
			d, g := openGated(t)
			u := d.srv.User(telegramtest.Person{Language: "en", Name: "A"})
			u.Say("/human")
			first := d.sees(u, "human:agree")
			u.Say("/start")
			u.Wait(func(v telegramtest.View) bool { return v.ID != first.ID && len(v.Rows) > 0 }, 10*time.Second)
			var refused atomic.Int32
			g.set(func(method string, _ url.Values) string {
				if method == "editMessageText" {
					refused.Add(1)
					return refusal
				}
				return ""
			})
			for range 3 { // whatever is pressed is answered with another screen
				before := u.Screen()
				if _, err := advance(u); err != nil {
					t.Fatalf("%v\n%s", err, strings.Join(u.History(), "\n"))
				}
				if now := u.Screen(); now.ID == before.ID {
					t.Fatalf("no new message:\n%s", now)
				}
			}
			if refused.Load() == 0 {
				t.Error("no edit was refused")
			}
		})
	}
}
