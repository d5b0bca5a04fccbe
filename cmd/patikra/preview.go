package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"

	"patikra/bot/desk"
	"patikra/bot/seal"
	"patikra/bot/server"
	"patikra/bot/sqlitestore"
	"patikra/bot/web"
	"patikra/content/sheet"
)

// preview shows a folder's files as the web page on this machine alone, and follows what is saved. Nothing is kept: the store
// lies in a folder that is removed at the end, sealed with a key that is nowhere else.
func preview(ctx context.Context, dir, listen string, out, errs io.Writer) int {
	address, err := loopback(listen)
	if err != nil {
		fail(errs, "preview", err)
		return misuse
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	l, next, code := drafts(ctx, "preview", dir, errs)
	if l == nil {
		return code
	}
	data, err := os.MkdirTemp("", "preview")
	if err != nil {
		fail(errs, "preview", sheet.Say("no temporary folder can be made: %v", err))
		return found
	}
	defer os.RemoveAll(data)
	store, err := sqlitestore.Open(data, 1)
	if err != nil {
		fail(errs, "preview", err)
		return found
	}
	defer store.Close()
	ring, err := seal.New(seal.NewKey(), 1)
	if err != nil {
		fail(errs, "preview", err)
		return found
	}
	b := desk.New(l, store, ring)
	b.Draws = map[string]bool{web.Name: true}
	at, err := net.Listen("tcp", address)
	if err != nil {
		fail(errs, "preview", sheet.Say("%v; choose another port, for example --listen 127.0.0.1:0", err))
		return found
	}
	defer at.Close()
	log := logger("console", errs)
	shown := web.NewPreview()
	shown.Waits(l.Waiting()...)
	host := at.Addr().String()
	page, err := web.New(web.Settings{URL: "http://" + host, Secrets: ring.Secrets, Preview: shown}, b, log)
	if err != nil {
		fail(errs, "preview", err)
		return found
	}
	site := server.New(nil, func(mux *http.ServeMux) { mux.Handle("/", only(host, page)) })
	site.BaseContext = func(net.Listener) context.Context { return ctx } // the pages' streams end with it
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case d := <-next:
				if d.Library != nil {
					b.Redraft(d.Library)
					shown.Waits(d.Library.Waiting()...)
				}
				shown.Saved(d.Mistakes)
				if d.Library == nil {
					tell(out, "The files have mistakes. The last ones that had none are shown.\n%v", d.Mistakes)
					continue
				}
				tell(out, "The files were read again.")
				sayWaiting(out, d.Library)
			}
		}
	}()
	tell(out, "The preview is at http://%s/ on this machine alone. It follows what is saved; Ctrl+C ends it.", host)
	if err := server.ServeOn(ctx, site, at); err != nil && !errors.Is(err, http.ErrServerClosed) {
		fail(errs, "preview", err)
		return found
	}
	return fine
}

// loopback reads where a preview listens. A port alone will do; anything that others could reach is refused.
func loopback(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		host, port = "127.0.0.1", listen
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return "", sheet.Say("--listen %s: a preview is for this machine alone; write for example 127.0.0.1:8081", listen)
	}
	if _, err := net.LookupPort("tcp", port); err != nil || port == "" {
		return "", sheet.Say("--listen %s: %q is no port; write for example 127.0.0.1:8081", listen, port)
	}
	return net.JoinHostPort(host, port), nil
}

// only answers requests for a host, so that no other site can lead a browser here under a name of its own.
func only(host string, to http.Handler) http.Handler {
	_, port, _ := net.SplitHostPort(host)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Host {
		case host:
			to.ServeHTTP(w, r)
		case "localhost:" + port:
			http.Redirect(w, r, "http://"+host+"/", http.StatusFound)
		default:
			http.Error(w, "this is a preview at http://"+host+"/", http.StatusMisdirectedRequest)
		}
	})
}
