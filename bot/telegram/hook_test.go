package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// hookServer is what the Bot API knows of the webhook, without a network, so that hours pass at once. It offers nothing else.
type hookServer struct {
	mu    sync.Mutex
	state hookState
	calls map[string]int
	odd   []string // what nobody should ask
}

// another does to the webhook what a second program with the token does.
func (s *hookServer) another(f func(h *hookState)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.state)
}

func (s *hookServer) now() hookState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

func (s *hookServer) called(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

func (s *hookServer) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, err
	}
	code, result := s.answer(r.Context(), r.URL.Path, form)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	body, err := json.Marshal(result)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
}

func (s *hookServer) answer(ctx context.Context, path string, form url.Values) (int, map[string]any) {
	method := path[len("/bot1:x/"):]
	s.mu.Lock()
	s.calls[method]++
	active := s.state.URL != ""
	s.mu.Unlock()
	done := map[string]any{"ok": true, "result": true}
	switch method {
	case "setWebhook":
		var kinds []string
		if form.Get("secret_token") != "s" || json.Unmarshal([]byte(form.Get("allowed_updates")), &kinds) != nil {
			s.odd = append(s.odd, fmt.Sprint("set without its secret or its kinds: ", form))
		}
		s.another(func(h *hookState) { *h = hookState{URL: form.Get("url"), Allowed: kinds} })
	case "deleteWebhook":
		s.another(func(h *hookState) { *h = hookState{} })
	case "getWebhookInfo":
		done["result"] = s.now()
	case "getUpdates":
		if active {
			return 409, map[string]any{"ok": false, "error_code": 409, "description": "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"}
		}
		wait, err := strconv.Atoi(form.Get("timeout"))
		if err != nil {
			s.odd = append(s.odd, fmt.Sprint("asked without a time: ", form))
		}
		sleep(ctx, time.Duration(wait)*time.Second)
		done["result"] = []any{}
	default:
		s.odd = append(s.odd, method)
	}
	return 200, done
}

// watching runs a channel's own loop over a hookServer until the test ends. Nobody asks whether it is ready.
func watching(t *testing.T, hook bool) (*hookServer, *observer.ObservedLogs) {
	t.Helper()
	api := &hookServer{calls: map[string]int{}}
	core, logged := observer.New(zap.InfoLevel)
	tg := New(Settings{Token: "1:x", API: "http://api.test", URL: "https://patikra.test", Hook: hook, Secret: "s"}, nil, zap.New(core))
	tg.call.client = &http.Client{Transport: api}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if hook {
			tg.keep(ctx)
		} else {
			tg.poll(ctx)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		if len(api.odd) > 0 {
			t.Errorf("it asked %q", api.odd)
		}
	})
	synctest.Wait()
	return api, logged
}

func TestTheWebhookIsLookedAtEveryMinuteThoughNobodyAsks(t *testing.T) {
	const ours = "https://patikra.test/telegram"
	for name, touch := range map[string]func(h *hookState){
		"removed":          func(h *hookState) { *h = hookState{} },
		"led elsewhere":    func(h *hookState) { h.URL = "https://elsewhere.test/telegram" },
		"with fewer kinds": func(h *hookState) { h.Allowed = []string{"message"} },
		"with another secret": func(h *hookState) {
			h.ErrorDate, h.Error, h.Pending = time.Now().Unix(), "Wrong response from the webhook: 403 Forbidden", 7
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api, logged := watching(t, true)
				if h := api.now(); h.URL != ours || api.called("setWebhook") != 1 {
					t.Fatalf("at the start it is %+v", h)
				}
				time.Sleep(20 * time.Minute)
				synctest.Wait()
				if looks := api.called("getWebhookInfo"); looks < 19 || looks > 21 || api.called("setWebhook") != 1 {
					t.Errorf("in twenty minutes it was looked at %d times, and set %d times", looks, api.called("setWebhook"))
				}
				for range 2 { // whoever did it does it again
					before := api.called("setWebhook")
					api.another(touch)
					time.Sleep(61 * time.Second)
					synctest.Wait()
					if h := api.now(); h.URL != ours || len(h.Allowed) != 5 || h.Error != "" || api.called("setWebhook") != before+1 {
						t.Errorf("a minute later it is %+v, and was set %d times more", h, api.called("setWebhook")-before)
					}
				}
				if logged.FilterLevelExact(zap.WarnLevel).Len() < 2 {
					t.Errorf("nothing is logged: %v", logged.All())
				}
			})
		})
	}
}

func TestAForeignWebhookIsDeletedWithinAMinuteOfPolling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api, logged := watching(t, false)
		if api.called("deleteWebhook") != 1 {
			t.Fatalf("at the start it was deleted %d times", api.called("deleteWebhook"))
		}
		time.Sleep(10 * time.Minute)
		if api.called("deleteWebhook") != 1 {
			t.Errorf("nobody set one, and it was deleted %d times", api.called("deleteWebhook"))
		}
		for range 2 {
			api.another(func(h *hookState) { h.URL = "https://elsewhere.test/telegram" })
			time.Sleep(61 * time.Second)
			synctest.Wait()
			if h := api.now(); h.URL != "" {
				t.Errorf("a minute later it is %+v", h)
			}
		}
		asked := api.called("getUpdates")
		time.Sleep(2 * time.Minute)
		if api.called("getUpdates") <= asked || logged.FilterLevelExact(zap.WarnLevel).Len() < 2 {
			t.Errorf("updates were asked for %d times since, and logged is %v", api.called("getUpdates")-asked, logged.All())
		}
	})
}
