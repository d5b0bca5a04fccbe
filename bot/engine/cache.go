package engine

import (
	"container/list"
	"sync"

	"patikra/bot"
)

// cache keeps recent sessions, sealed, so that an update costs one round trip to the store. It may
// be stale: the store's commit compares versions and returns the newer session.
type cache struct {
	mu    sync.Mutex
	limit int // bytes
	size  int
	byKey map[bot.Key]*list.Element
	order *list.List       // the most recent first
	alone map[bot.Key]bool // of whom no case was active when a step of the quiz could not be saved; nothing else has happened since
}

// mostAlone bounds how many people are remembered while the store is away.
const mostAlone = 20_000

type cached struct {
	key bot.Key
	rec bot.Record
}

// entryCost is what an entry takes beside its value.
const entryCost = 250

func newCache(limit int) *cache {
	return &cache{limit: limit, byKey: map[bot.Key]*list.Element{}, order: list.New(), alone: map[bot.Key]bool{}}
}

// strand takes out a session of which nobody knows whether its commit was made. alone says that no case can have come of it.
func (c *cache) strand(k bot.Key, alone bool) {
	c.drop(k)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.alone, k)
	if alone {
		if len(c.alone) >= mostAlone {
			clear(c.alone)
		}
		c.alone[k] = true
	}
}

// isAlone reports whether no case was active when the store went away.
func (c *cache) isAlone(k bot.Key) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.alone[k]
}

func (c *cache) get(k bot.Key) (bot.Record, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[k]
	if !ok {
		return bot.Record{}, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached).rec, true
}

func (c *cache) put(k bot.Key, r bot.Record) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.alone, k)
	if e, ok := c.byKey[k]; ok {
		v := e.Value.(*cached)
		c.size += len(r.Value) - len(v.rec.Value)
		v.rec = r
		c.order.MoveToFront(e)
	} else {
		c.byKey[k] = c.order.PushFront(&cached{k, r})
		c.size += len(r.Value) + entryCost
	}
	for c.size > c.limit {
		c.remove(c.order.Back())
	}
}

func (c *cache) drop(k bot.Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byKey[k]; ok {
		c.remove(e)
	}
}

func (c *cache) remove(e *list.Element) {
	v := c.order.Remove(e).(*cached)
	delete(c.byKey, v.key)
	c.size -= len(v.rec.Value) + entryCost
}
