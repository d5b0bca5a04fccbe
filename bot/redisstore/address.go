package redisstore

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Limits of every call.
const (
	dialTime = 2 * time.Second
	callTime = 2 * time.Second
	poolSize = 16
	dials    = 2           // tries to connect
	mapTime  = time.Second // age at which the map of a cluster is read anew
)

// options reads REDIS_URL. Its errors never hold a password.
//
//	redis://[user:password@]host:port[/db]                      one server; rediss:// with TLS
//	redis+cluster://[user:password@]host:port,host:port         rediss+cluster:// with TLS
//	redis+sentinel://[user:password@]host:port,host:port/master[/db][?sentinel_username=..&sentinel_password=..]
//	                                                            rediss+sentinel:// with TLS, to the sentinels too
//	host:port,host:port                                         a cluster
//
// valkey and valkeys may stand for redis and rediss. A sentinel that wants a password and is given none of its own is
// told the server's.
func options(address string) (*redis.UniversalOptions, error) {
	o := &redis.UniversalOptions{}
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		scheme, rest = "redis", address
	}
	if after, valkey := strings.CutPrefix(scheme, "valkey"); valkey {
		scheme = "redis" + after
	}
	base, kind, _ := strings.Cut(scheme, "+")
	secured := base == "rediss"
	if secured {
		base = "redis"
	}
	if strings.Contains(rest, ",") && kind == "" {
		kind = "cluster"
		rest = strings.NewReplacer("rediss://", "", "redis://", "").Replace(rest)
	}
	var err error
	switch {
	case base != "redis":
		err = errScheme
	case kind == "sentinel":
		err = sentinels(o, rest)
	case kind == "cluster":
		o.IsClusterMode = true
		err = addresses(o, strings.TrimSuffix(rest, "/"), "6379")
	case kind == "":
		return single(o, scheme+"://"+rest)
	default:
		err = errScheme
	}
	if err != nil {
		return nil, err
	}
	if secured {
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12} // each server is known by the name it is dialled by
	}
	return limited(o), nil
}

var errScheme = errors.New("begin it with redis://, rediss://, redis+cluster:// or redis+sentinel:// (valkey:// and valkeys:// are the same)")

// single reads the address of one server.
func single(o *redis.UniversalOptions, address string) (*redis.UniversalOptions, error) {
	one, err := redis.ParseURL(address)
	if err != nil { // its text may hold the password
		return nil, errors.New("it cannot be read; write redis://host:port or redis://user:password@host:port/0")
	}
	o.Addrs, o.DB, o.Username, o.Password, o.TLSConfig = []string{one.Addr}, one.DB, one.Username, one.Password, one.TLSConfig
	return limited(o), nil
}

// sentinels reads what follows redis+sentinel://.
func sentinels(o *redis.UniversalOptions, rest string) error {
	rest, query, _ := strings.Cut(rest, "?")
	hosts, path, _ := strings.Cut(rest, "/")
	master, db, _ := strings.Cut(path, "/")
	if master == "" {
		return errors.New("name the master, as redis+sentinel://host:26379,host:26379/master")
	}
	if db != "" {
		n, err := strconv.Atoi(db)
		if err != nil || n < 0 {
			return errors.New("the database is no number")
		}
		o.DB = n
	}
	o.MasterName = master
	if err := addresses(o, hosts, "26379"); err != nil {
		return err
	}
	more, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("what follows ? cannot be read; write sentinel_username=NAME&sentinel_password=WORD")
	}
	for name := range more {
		if name != "sentinel_username" && name != "sentinel_password" {
			return errors.New("after ? there may be sentinel_username and sentinel_password")
		}
	}
	o.SentinelUsername, o.SentinelPassword = more.Get("sentinel_username"), more.Get("sentinel_password")
	if o.SentinelPassword == "" && o.Password != "" {
		o.OnConnect = introduced(o.Username, o.Password)
	}
	return nil
}

// introduced answers a sentinel that wants a password with the server's, and leaves one that wants none alone: to be told
// a password would be an error to that one.
func introduced(user, password string) func(ctx context.Context, c *redis.Conn) error {
	return func(ctx context.Context, c *redis.Conn) error {
		err := c.Ping(ctx).Err()
		if !redis.HasErrorPrefix(err, "NOAUTH") {
			return nil // whatever else is wrong is found by the first command
		}
		if user != "" && c.AuthACL(ctx, user, password).Err() == nil {
			return nil
		}
		return c.Auth(ctx, password).Err()
	}
}

// limited sets the limits of every call.
func limited(o *redis.UniversalOptions) *redis.UniversalOptions {
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = dialTime, callTime, callTime, callTime
	o.DialerRetries = dials
	o.ContextTimeoutEnabled = true
	o.MaxRetries = 1
	o.MinRetryBackoff, o.MaxRetryBackoff = 20*time.Millisecond, 200*time.Millisecond
	o.PoolSize, o.MinIdleConns = poolSize, 1
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return o
}

// connect makes the client. In a cluster the map of who serves what is read anew every second, not only when a server
// that is alive says that it has moved: one that died says nothing.
func connect(o *redis.UniversalOptions) redis.UniversalClient {
	if o.MasterName != "" || !o.IsClusterMode && len(o.Addrs) < 2 {
		return redis.NewUniversalClient(o)
	}
	c := o.Cluster()
	c.ClusterStateReloadInterval = mapTime
	return redis.NewClusterClient(c)
}

// addresses reads [user:password@]host:port,host:port.
func addresses(o *redis.UniversalOptions, hosts, port string) error {
	if i := strings.LastIndexByte(hosts, '@'); i >= 0 {
		user, password, ok := strings.Cut(hosts[:i], ":")
		var err1, err2 error
		o.Username, err1 = url.PathUnescape(user)
		o.Password, err2 = url.PathUnescape(password)
		if !ok || err1 != nil || err2 != nil {
			return errors.New("the part before @ should be user:password")
		}
		hosts = hosts[i+1:]
	}
	for _, h := range strings.Split(hosts, ",") {
		h = strings.TrimSpace(h)
		if h == "" {
			return errors.New("an address is empty")
		}
		if _, _, err := net.SplitHostPort(h); err != nil {
			h = net.JoinHostPort(strings.Trim(h, "[]"), port)
		}
		if _, p, err := net.SplitHostPort(h); err != nil {
			return fmt.Errorf("%q is no host:port", h)
		} else if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return fmt.Errorf("%q has no port that can be", h)
		}
		o.Addrs = append(o.Addrs, h)
	}
	return nil
}
