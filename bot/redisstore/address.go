package redisstore

import (
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
)

// options reads REDIS_URL. Its errors never hold the password.
//
//	redis://[user:password@]host:port[/db]            one server; rediss:// with TLS
//	redis+cluster://[user:password@]host:port,host:port
//	redis+sentinel://[user:password@]host:port,host:port/master[/db]
//	host:port,host:port                               a cluster
func options(address string) (*redis.UniversalOptions, error) {
	o := &redis.UniversalOptions{}
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		scheme, rest = "redis", address
	}
	switch {
	case scheme == "redis+sentinel":
		hosts, path, _ := strings.Cut(rest, "/")
		master, db, _ := strings.Cut(path, "/")
		if master == "" {
			return nil, errors.New("name the master, as redis+sentinel://host:26379,host:26379/master")
		}
		if db != "" {
			n, err := strconv.Atoi(db)
			if err != nil || n < 0 {
				return nil, errors.New("the database is no number")
			}
			o.DB = n
		}
		o.MasterName = master
		if err := addresses(o, hosts, "26379"); err != nil {
			return nil, err
		}
	case scheme == "redis+cluster", strings.Contains(rest, ","):
		if scheme != "redis+cluster" && scheme != "redis" && scheme != "rediss" {
			return nil, errors.New("begin it with redis://, rediss://, redis+cluster:// or redis+sentinel://")
		}
		hosts := strings.NewReplacer("redis://", "", "rediss://", "").Replace(rest)
		if err := addresses(o, strings.TrimSuffix(hosts, "/"), "6379"); err != nil {
			return nil, err
		}
		o.IsClusterMode = true
		if scheme == "rediss" {
			one, err := redis.ParseURL("rediss://" + o.Addrs[0])
			if err != nil {
				return nil, errors.New("it cannot be read")
			}
			o.TLSConfig = one.TLSConfig
			o.TLSConfig.ServerName = ""
		}
	case scheme == "redis", scheme == "rediss":
		if !ok {
			address = "redis://" + rest
		}
		one, err := redis.ParseURL(address)
		if err != nil { // its text may hold the password
			return nil, errors.New("it cannot be read; write redis://host:port or redis://user:password@host:port/0")
		}
		o.Addrs, o.DB, o.Username, o.Password, o.TLSConfig = []string{one.Addr}, one.DB, one.Username, one.Password, one.TLSConfig
	default:
		return nil, errors.New("begin it with redis://, rediss://, redis+cluster:// or redis+sentinel://")
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = dialTime, callTime, callTime, callTime
	o.ContextTimeoutEnabled = true
	o.MaxRetries = 1
	o.MinRetryBackoff, o.MaxRetryBackoff = 20*time.Millisecond, 200*time.Millisecond
	o.PoolSize, o.MinIdleConns = poolSize, 1
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return o, nil
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
