package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"patikra/content/sheet"
)

// doctor asks the program that runs with these settings how it is: /readyz, or /healthz with alive.
func doctor(ctx context.Context, alive bool, out, errs io.Writer) int {
	get, err := environment(".env")
	if err != nil {
		fail(errs, "doctor", err)
		return misuse
	}
	listen, err := get("PATIKRA_LISTEN")
	if err != nil {
		fail(errs, "doctor", err)
		return misuse
	}
	if listen == "" {
		listen = standardListen
	}
	base, err := nearby(listen)
	if err != nil {
		fail(errs, "doctor", err)
		return misuse
	}
	path := "/readyz"
	if alive {
		path = "/healthz"
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		fail(errs, "doctor", err)
		return misuse
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		fail(errs, "doctor", sheet.Say("nothing answers at %s; start it with patikra serve", listen))
		return found
	}
	defer resp.Body.Close()
	io.Copy(out, io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode != http.StatusOK {
		return found
	}
	return fine
}

// nearby is the URL at which a program of this machine that listens there can be asked.
func nearby(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("PATIKRA_LISTEN: %q is no address", listen)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port), nil
}
