package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"patikra/bot/server"
)

// A command of the same machine asks the running program through a socket in its data folder, which nobody but its user may open. So
// no secret is shown to whoever listens on a port, and nobody else can answer in the program's place.

// controlFile is the socket.
const controlFile = "patikra.sock"

// mostSocket is how long a socket's path may be; the shortest limit among the systems is 104 bytes with the last zero.
const mostSocket = 100

// controlPath is a path at which the socket of a data folder can be opened, whatever the folder's own path is. done is called after that.
func controlPath(dir string) (path string, done func(), err error) {
	path = filepath.Join(dir, controlFile)
	if len(path) <= mostSocket {
		return path, func() {}, nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", f.Fd(), controlFile), func() { f.Close() }, nil
}

// control listens at the socket of a data folder, which this process has locked: what lies there is of one that is gone.
func control(dir string) (net.Listener, error) {
	path, done, err := controlPath(dir)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // its path may be good only now; the next one removes it
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// answerControl serves chores at the socket until the context ends.
func answerControl(ctx context.Context, l net.Listener, h http.Handler, log *zap.Logger) {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: choreTime, WriteTimeout: choreTime + 5*time.Second, MaxHeaderBytes: 16 << 10,
		ErrorLog: server.ErrorLog(log)}
	stop := context.AfterFunc(ctx, func() { s.Close() })
	defer stop()
	s.Serve(l)
}

// controlClient asks the program that has a data folder. errUnanswered says that none has.
func controlClient(dir string) *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		path, done, err := controlPath(dir)
		if err != nil {
			return nil, err
		}
		defer done()
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}}}
}
