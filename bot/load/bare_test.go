package load

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// bare is the yardstick: the least that a bot written by hand does for an update. With net/http and go-redis it reads the
// request, decodes the fields it needs, GETs a value of a session's size and SETs it with an expiry (two round trips, in clear),
// calls editMessageText (sendMessage after /start) with a form of the usual text and keyboard, reads the answer, and answers the
// webhook with answerCallbackQuery. It decides nothing, draws nothing, seals nothing, recognises no repeats, and forgets the reply
// when it dies. It has enough connections to Redis and to the network for everybody at once.
func bare() {
	store := redis.NewClient(&redis.Options{Addr: os.Getenv("REDIS"), PoolSize: 64, DisableIdentity: true})
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConns: 128, MaxIdleConnsPerHost: 128}}
	call := os.Getenv("API") + "/bot" + token + "/"
	fresh := strings.Repeat("s", 150)
	handle := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "body", http.StatusBadRequest)
			return
		}
		type chat struct {
			ID int64 `json:"id"`
		}
		type message struct {
			ID   int64  `json:"message_id"`
			Chat chat   `json:"chat"`
			Text string `json:"text"`
		}
		var u struct {
			Message  *message `json:"message"`
			Callback *struct {
				ID      string   `json:"id"`
				Message *message `json:"message"`
				Data    string   `json:"data"`
			} `json:"callback_query"`
		}
		if err := json.Unmarshal(body, &u); err != nil {
			http.Error(w, "json", http.StatusBadRequest)
			return
		}
		m, method := u.Message, "sendMessage"
		if u.Callback != nil {
			m, method = u.Callback.Message, "editMessageText"
		}
		id := strconv.FormatInt(m.Chat.ID, 10)
		ctx := context.Background()
		session, err := store.Get(ctx, "s:"+id).Result()
		if err == redis.Nil {
			session, err = fresh, nil
		}
		if err == nil {
			err = store.Set(ctx, "s:"+id, session, 24*time.Hour).Err()
		}
		if err != nil {
			http.Error(w, "redis", http.StatusServiceUnavailable)
			return
		}
		form := url.Values{"chat_id": {id}, "text": {strings.ReplaceAll(question, `\n`, "\n")}, "parse_mode": {"HTML"}, "reply_markup": {keyboard}}
		if u.Callback != nil {
			form.Set("message_id", strconv.FormatInt(m.ID, 10))
		}
		resp, err := client.PostForm(call+method, form)
		if err != nil {
			http.Error(w, "telegram", http.StatusServiceUnavailable)
			return
		}
		var answer struct{ Ok bool }
		err = json.NewDecoder(resp.Body).Decode(&answer)
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil || !answer.Ok || u.Callback == nil {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]string{"method": "answerCallbackQuery", "callback_query_id": u.Callback.ID})
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/telegram", handle)
	fmt.Fprintln(os.Stderr, http.ListenAndServe(os.Getenv("LISTEN"), mux))
}
