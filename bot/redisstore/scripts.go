package redisstore

import "github.com/redis/go-redis/v9"

// How a conversation lies in Redis. {p07} is the hash tag of its partition, <h> the 22 letters of its hash:
//
//	{p07}c:<h>    version (4 bytes), sealed session; ends by itself
//	{p07}q:<h>    list of items: id (8 bytes), due in ms (8 bytes), flag, sealed message
//	{p07}due      sorted set of the hashes whose queue is not empty: twice the time in ms at which the head may
//	              be sent, or at which its lease ends, plus one while it is leased
//	{p07}done     sorted set of update digests that erased conversations had seen, by time
//	{p07}n:<day>  counters of a day
//
// Every script declares its keys, all with one hash tag, so that it runs on a cluster unchanged.

// commitScript saves a turn. The answer is {0, leased}, {1} for an update that was dealt with before,
// or {2, newest record} for a stale version.
var commitScript = redis.NewScript(`
local c, q, due, done, n = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local base, value, ttl, now, update, delivered, lease, member = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6], tonumber(ARGV[7]), ARGV[8]
local sends, forgets, counts = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
if update ~= '' and redis.call('ZSCORE', done, update) then
  return {1}
end
local have = redis.call('GET', c)
if (have and string.sub(have, 1, 4) or '\0\0\0\0') ~= base then
  return {2, have}
end
if value == "" and not have then
elseif value == '' then
  redis.call('DEL', c, q)
  redis.call('ZREM', due, member)
else
  redis.call('SET', c, value, 'PX', ttl)
end
local arg = 12
local first_sent = ARGV[arg]
local screen = false
for i = arg, arg + sends - 1 do
  screen = screen or string.byte(ARGV[i], 17) == 1
end
local forget_at = arg + sends
if forgets > 0 then
  for i = forget_at, forget_at + forgets - 1 do
    redis.call('ZADD', done, now, ARGV[i])
  end
  redis.call('ZREMRANGEBYSCORE', done, '-inf', now - 86400000)
  redis.call('PEXPIRE', done, 90000000)
end
if counts > 0 then
  for i = forget_at + forgets, forget_at + forgets + counts - 1 do
    redis.call('HINCRBY', n, ARGV[i], 1)
  end
  redis.call('PEXPIRE', n, 34560000000)
end
if sends == 0 and delivered == '' then
  return {0, 0}
end
local head = redis.call('LINDEX', q, 0)
local score = head and tonumber(redis.call('ZSCORE', due, member) or '0')
if head and delivered ~= '' and string.sub(head, 1, 8) == delivered then
  redis.call('LPOP', q)
  head = false
end
local leased = head and score % 2 == 1 and math.floor(score / 2) > now
if screen then
  local items = redis.call('LRANGE', q, 0, -1)
  local keep = {}
  for i, item in ipairs(items) do
    if string.byte(item, 17) ~= 1 or (i == 1 and leased) then
      keep[#keep + 1] = item
    end
  end
  if #keep < #items then
    redis.call('DEL', q)
    for _, item in ipairs(keep) do
      redis.call('RPUSH', q, item)
    end
  end
end
for i = arg, arg + sends - 1 do
  redis.call('RPUSH', q, ARGV[i])
end
local first = redis.call('LINDEX', q, 0)
if not first then
  redis.call('ZREM', due, member)
  return {0, 0}
end
redis.call('PEXPIRE', q, 172800000)
if head and score > 0 and string.sub(first, 1, 8) == string.sub(head, 1, 8) then
  return {0, 0}
end
local at, held = struct.unpack('>I8', string.sub(first, 9, 16)), 0
if lease > 0 and at <= now and sends > 0 and string.sub(first, 1, 8) == string.sub(first_sent, 1, 8) then
  at, held = lease, 1
end
redis.call('ZADD', due, at * 2 + held, member)
return {0, held}
`)

// leaseScript holds the head of a queue that is due and gives it; nil when somebody else was quicker.
var leaseScript = redis.NewScript(`
local q, due = KEYS[1], KEYS[2]
local member, now, til = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local score = redis.call('ZSCORE', due, member)
if not score or math.floor(tonumber(score) / 2) > now then
  return false
end
local first = redis.call('LINDEX', q, 0)
if not first then
  redis.call('ZREM', due, member)
  return false
end
redis.call('ZADD', due, til * 2 + 1, member)
return first
`)

// extendScript keeps a lease.
var extendScript = redis.NewScript(`
local q, due = KEYS[1], KEYS[2]
local score = redis.call('ZSCORE', due, ARGV[1])
local first = redis.call('LINDEX', q, 0)
if score and tonumber(score) % 2 == 1 and first and string.sub(first, 1, 8) == ARGV[2] then
  redis.call('ZADD', due, tonumber(ARGV[3]) * 2 + 1, ARGV[1])
  return 1
end
return 0
`)

// ackScript removes a delivered head and leases the next. The answer is {0}, {0, next} or {1} for another head.
var ackScript = redis.NewScript(`
local q, due = KEYS[1], KEYS[2]
local member, id, now, til = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local first = redis.call('LINDEX', q, 0)
if not first or string.sub(first, 1, 8) ~= id then
  return {1}
end
redis.call('LPOP', q)
local following = redis.call('LINDEX', q, 0)
if not following then
  redis.call('ZREM', due, member)
  return {0}
end
local at = struct.unpack('>I8', string.sub(following, 9, 16))
if at > now then
  redis.call('ZADD', due, at * 2, member)
  return {0}
end
redis.call('ZADD', due, til * 2 + 1, member)
return {0, following}
`)

// postponeScript gives a head back until a time.
var postponeScript = redis.NewScript(`
local q, due = KEYS[1], KEYS[2]
local first = redis.call('LINDEX', q, 0)
if not first or string.sub(first, 1, 8) ~= ARGV[2] then
  return 1
end
redis.call('ZADD', due, tonumber(ARGV[3]) * 2, ARGV[1])
return 0
`)

// reserveScript takes places in the order of all messages of a channel. Times are in microseconds.
var reserveScript = redis.NewScript(`
local n, interval, burst, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local free = tonumber(redis.call('GET', KEYS[1]) or '0')
local earliest = now - (burst - 1) * interval
if free < earliest then
  free = earliest
end
redis.call('SET', KEYS[1], string.format('%.0f', free + n * interval), 'PX', math.ceil((burst + n) * interval / 1000) + 60000)
if free <= now then
  return 0
end
return math.ceil(free - now)
`)
