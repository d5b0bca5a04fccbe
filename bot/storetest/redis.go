package storetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Redis is a real redis-server on a free port of the loopback interface.
type Redis struct {
	Addr    string
	Secured string // host:port at which it speaks TLS, empty where it does not
	t       testing.TB
	dir     string
	args    []string
	cmd     *exec.Cmd
	done    chan struct{}
}

// RedisServer starts a server that writes every command to disk before it answers. Without the program redis-server
// the test is skipped; under CI=true it fails.
func RedisServer(t testing.TB, args ...string) *Redis {
	t.Helper()
	need(t)
	r := &Redis{t: t, dir: t.TempDir(), args: args, Addr: fmt.Sprint("127.0.0.1:", freePort(t))}
	r.Start()
	t.Cleanup(func() { r.end(syscall.SIGKILL) })
	return r
}

// RedisWithTLS is RedisServer with a second port, at which it speaks TLS and shows a certificate for 127.0.0.1 by an authority of
// the tests' own. This process, and what it starts with the SSL_CERT_FILE that it now has, trust it. The test is skipped, but not under
// CI=true, where redis-server was built without TLS.
func RedisWithTLS(t testing.TB, args ...string) *Redis {
	t.Helper()
	need(t)
	// of two settings that are unknown the first is named
	if out, _ := exec.Command("redis-server", "--tls-port", "0", "--patikra", "0").CombinedOutput(); !strings.Contains(string(out), "'patikra") {
		if os.Getenv("CI") == "true" {
			t.Fatalf("a redis-server with TLS is needed under CI=true: %s", out)
		}
		t.Skip("redis-server has no TLS")
	}
	port := freePort(t)
	for line := range strings.Lines(fmt.Sprintf("tls-port %d\n%s", port, papers(t))) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		args = append(args, "--"+name, value)
	}
	r := RedisServer(t, args...)
	r.Secured = fmt.Sprint("127.0.0.1:", port)
	return r
}

func need(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("redis-server is needed under CI=true")
		}
		t.Skip("redis-server is not installed")
	}
}

// freePort finds a port whose port+10000 can be the cluster's bus.
func freePort(t testing.TB) int {
	t.Helper()
	for range 200 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		l.Close()
		for port+10000 > 65000 {
			port -= 10000
		}
		bus, err1 := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port+10000))
		again, err2 := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port))
		if err1 == nil {
			bus.Close()
		}
		if err2 == nil {
			again.Close()
		}
		if err1 == nil && err2 == nil {
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

// URL is what goes into REDIS_URL.
func (r *Redis) URL() string { return "redis://" + r.Addr + "/0" }

// Client returns a plain client, for looking at what lies in the server.
func (r *Redis) Client() *redis.Client {
	c := redis.NewClient(&redis.Options{Addr: r.Addr, DisableIdentity: true})
	r.t.Cleanup(func() { c.Close() })
	return c
}

// Dir is the server's folder.
func (r *Redis) Dir() string { return r.dir }

// Start starts the server, again after Stop or Kill, on the same port with the same data.
func (r *Redis) Start() {
	r.t.Helper()
	host, port, _ := net.SplitHostPort(r.Addr)
	args := append([]string{"--bind", host, "--port", port, "--dir", r.dir, "--save", "", "--appendonly", "yes",
		"--appendfsync", "always", "--loglevel", "warning", "--logfile", filepath.Join(r.dir, "log")}, r.args...)
	r.cmd = exec.Command("redis-server", args...)
	r.done = make(chan struct{})
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	go func(c *exec.Cmd, done chan struct{}) { c.Wait(); close(done) }(r.cmd, r.done)
	c := redis.NewClient(&redis.Options{Addr: r.Addr, DisableIdentity: true, MaxRetries: -1})
	defer c.Close()
	loading := false
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := c.Ping(context.Background()).Err()
		if err == nil || redis.HasErrorPrefix(err, "NOAUTH") {
			return
		}
		if redis.HasErrorPrefix(err, "LOADING") && !loading { // it has read its settings, and has much to read back
			loading, end = true, time.Now().Add(2*time.Minute)
		}
		if time.Now().After(end) {
			log, _ := os.ReadFile(filepath.Join(r.dir, "log"))
			r.t.Fatalf("redis-server does not answer: %v\n%s", err, log)
		}
	}
}

func (r *Redis) end(sig syscall.Signal) {
	select {
	case <-r.done:
		return
	default:
	}
	r.cmd.Process.Signal(sig)
	select {
	case <-r.done:
	case <-time.After(10 * time.Second):
		r.cmd.Process.Kill()
		<-r.done
	}
}

// Stop ends the server in order.
func (r *Redis) Stop() { r.end(syscall.SIGTERM) }

// Kill ends the server at once.
func (r *Redis) Kill() { r.end(syscall.SIGKILL) }

// Sentinel starts a sentinel that watches a server as "main" and returns its host:port. password is the server's; auth are
// further lines of its settings, as requirepass. One that watches a server with TLS speaks TLS only.
func Sentinel(t testing.TB, r *Redis, password, auth string) string {
	t.Helper()
	dir, port := t.TempDir(), freePort(t)
	main, listen := r.Addr, fmt.Sprint("port ", port)
	if r.Secured != "" {
		main, listen = r.Secured, fmt.Sprintf("port 0\ntls-port %d\ntls-replication yes\n%s", port, papers(t))
	}
	host, at, _ := net.SplitHostPort(main)
	file := filepath.Join(dir, "sentinel.conf")
	lines := fmt.Sprintf("bind 127.0.0.1\n%s\ndir %s\nlogfile %s\n%s\nsentinel monitor main %s %s 1\n", listen, dir, filepath.Join(dir, "log"), auth, host, at)
	lines += "sentinel down-after-milliseconds main 1500\nsentinel failover-timeout main 5000\n"
	if password != "" {
		lines += "sentinel auth-pass main " + password + "\n"
	}
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("redis-server", file, "--sentinel")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	addr := fmt.Sprint("127.0.0.1:", port)
	until(t, "the sentinel answers", func() error {
		c, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			c.Close()
		}
		return err
	})
	return addr
}

// Followed is a server that two others follow, and a sentinel that puts one of these into its place when it is gone. Each takes
// no write unless another one follows it.
type Followed struct {
	t        testing.TB
	servers  []*Redis
	sentinel string
}

// RedisFollowed starts them, and waits until all know each other.
func RedisFollowed(t testing.TB) *Followed {
	t.Helper()
	f := &Followed{t: t}
	settings := []string{"--min-replicas-to-write", "1", "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"}
	for i := range 3 {
		more := settings
		if i > 0 {
			host, port, _ := net.SplitHostPort(f.servers[0].Addr)
			more = append([]string{"--replicaof", host, port}, settings...)
		}
		f.servers = append(f.servers, RedisServer(t, more...))
	}
	f.sentinel = Sentinel(t, f.servers[0], "", "")
	f.Whole()
	return f
}

// URL is what goes into REDIS_URL.
func (f *Followed) URL() string { return "redis+sentinel://" + f.sentinel + "/main" }

// Main is the server that the sentinel names now.
func (f *Followed) Main() *Redis {
	f.t.Helper()
	c := redis.NewSentinelClient(&redis.Options{Addr: f.sentinel, DisableIdentity: true})
	defer c.Close()
	at, err := c.GetMasterAddrByName(context.Background(), "main").Result()
	if err != nil {
		f.t.Fatal(err)
	}
	for _, r := range f.servers {
		if host, port, _ := net.SplitHostPort(r.Addr); host == at[0] && port == at[1] {
			return r
		}
	}
	f.t.Fatalf("the sentinel names %v", at)
	return nil
}

// Whole waits until both others follow the server, and the sentinel knows of them.
func (f *Followed) Whole() {
	f.t.Helper()
	c := redis.NewSentinelClient(&redis.Options{Addr: f.sentinel, DisableIdentity: true})
	defer c.Close()
	until(f.t, "two servers follow", func() error {
		info, err := f.Main().Client().Info(context.Background(), "replication").Result()
		if err != nil {
			return err
		}
		if strings.Count(info, "state=online") < 2 {
			return errors.New(info)
		}
		all, err := c.Replicas(context.Background(), "main").Result()
		if err != nil {
			return err
		}
		known := 0
		for _, one := range all {
			if one["flags"] == "slave" && one["master-link-status"] == "ok" {
				known++
			}
		}
		if known < 2 {
			return fmt.Errorf("the sentinel knows %v", all)
		}
		return nil
	})
}

// Lose kills the server and returns it.
func (f *Followed) Lose() *Redis {
	f.t.Helper()
	main := f.Main()
	main.Kill()
	return main
}

// Replaced waits until another has come into a server's place.
func (f *Followed) Replaced(lost *Redis) {
	f.t.Helper()
	until(f.t, "another server has taken its place", func() error {
		if f.Main() == lost {
			return errors.New("not yet")
		}
		return nil
	})
}

// RedisMasters starts three servers as a cluster without replicas: what one of them holds is away while it is.
func RedisMasters(t testing.TB) (url string, nodes []*Redis) { return cluster(t, 3) }

// RedisCluster starts six servers as a cluster of three masters with a replica each, and returns its REDIS_URL.
func RedisCluster(t testing.TB) (url string, nodes []*Redis) { return cluster(t, 6) }

func cluster(t testing.TB, size int) (url string, nodes []*Redis) {
	t.Helper()
	need(t)
	for range size {
		nodes = append(nodes, RedisServer(t, "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "1000",
			"--cluster-require-full-coverage", "no", "--appendfsync", "everysec"))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	ids := make([]string, size)
	for i, n := range nodes {
		id, err := n.Client().ClusterMyID(ctx).Result()
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = id
		if i < 3 {
			if err := n.Client().ClusterAddSlotsRange(ctx, i*5462, min((i+1)*5462-1, 16383)).Err(); err != nil {
				t.Fatal(err)
			}
			n.Client().Do(ctx, "CLUSTER", "SET-CONFIG-EPOCH", i+1)
		}
		if i > 0 {
			host, port, _ := net.SplitHostPort(nodes[0].Addr)
			if err := n.Client().ClusterMeet(ctx, host, port).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	until(t, "the nodes know each other", func() error {
		for _, n := range nodes {
			info, err := n.Client().ClusterInfo(ctx).Result()
			if err != nil || !strings.Contains(info, fmt.Sprint("cluster_known_nodes:", size)) {
				return errors.New("not all nodes are known yet")
			}
		}
		return nil
	})
	for i := 3; i < size; i++ {
		until(t, "a replica follows", func() error { return nodes[i].Client().ClusterReplicate(ctx, ids[i-3]).Err() })
	}
	until(t, "the cluster is ready", func() error {
		for i, n := range nodes {
			info, err := n.Client().ClusterInfo(ctx).Result()
			if err != nil || !strings.Contains(info, "cluster_state:ok") {
				return errors.New("the state is not ok yet")
			}
			repl, err := n.Client().Info(ctx, "replication").Result()
			if err != nil || i >= 3 && !strings.Contains(repl, "master_link_status:up") {
				return errors.New("a replica has no link yet")
			}
		}
		return nil
	})
	var addrs []string
	for _, n := range nodes[:3] {
		addrs = append(addrs, n.Addr)
	}
	return "redis+cluster://" + strings.Join(addrs, ","), nodes
}

func until(t testing.TB, what string, f func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
	}
	t.Fatalf("%s: %v", what, err)
}
