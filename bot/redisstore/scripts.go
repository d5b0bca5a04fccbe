package redisstore

import (
	"strconv"

	"github.com/redis/go-redis/v9"

	"patikra/bot"
)

// How a conversation lies in Redis. {p07} is the hash tag of its partition, <h> the 22 letters of its hash:
//
//	{p07}c:<h>    version (4 bytes), sealed session; ends by itself
//	{p07}q:<h>    queue to the person, a list of items: id (8 bytes), due in ms (8 bytes), flag (1 for a
//	              screen, 2 for what stays when the conversation is erased; 16 more when its tries, in 11 bytes, stand
//	              next), sealed message
//	{p07}q1:<h>   queue to the desk, alike
//	{p07}q2:<h>   the timer: alike, at most one item
//	{p07}q3:<h>   files to the person that did not go through at once, alike
//	{p07}q4:<h>   such files to the desk, alike
//	{p07}l:<h>    log: list of sealed lines; ends with the record
//	{p07}f:<h>    files: hash of their numbers to sealed files; ends with the record
//	{p07}due      sorted set of the queues that are not empty, each named by the hash, and for a queue other than
//	              the person's its number (1 byte): twice the time in ms at which the head may be sent, or at
//	              which its lease ends, plus one while it is leased
//	{p07}cases    index of cases, hash -> state, urgency (1 byte each), since, end of the record as it was known
//	              then (ms, 8 bytes each). An entry counts only while the record is there.
//	{p07}done     sorted set of update digests that erased conversations had seen, by time
//	{p07}n:<day>  counters of a day
//	{p07}r:<channel>  the order of all messages of a channel, in the first partition that answers
//	{p07}ready    is never there: it is what readiness tries to write
//
// A queue is kept for 48 hours after the latest time at which one of its items may be sent, and a timer as long as
// its conversation too. All times are those of Redis's own clock.
//
// And beside all conversations, unsealed by nobody but us:
//
//	patikra:partitions    how many partitions there are
//	patikra:kept:<name>   books, and the index of them
//
// Every script declares its keys, all with one hash tag, so that it runs on a cluster unchanged.

// commitScript saves a turn. The answer is {0, leased, leased to the desk}, {1} for an update that was dealt with
// before, or {2, newest record} for a stale version.
var commitScript = redis.NewScript(`
local c, q, desk, timer, l, due, cases, done, n, files, desk_files, kept_files = unpack(KEYS)
local base, value, ttl, now, update, delivered, lease, member = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6], tonumber(ARGV[7]), ARGV[8]
local wake, mark = ARGV[9], ARGV[10]
local sends, desks, lines, forgets, counts = tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14]), tonumber(ARGV[15])
local kept_count = tonumber(ARGV[17])
local sends_at = 18
local desks_at = sends_at + sends
local lines_at = desks_at + desks
local forgets_at = lines_at + lines
local counts_at = forgets_at + forgets
local kept_at = counts_at + counts
local function time_of(item)
  return (struct.unpack('>i8', string.sub(item, 9, 16)))
end

-- erase drops a queue but for what stays.
local function erase(q, member)
  local items = redis.call('LRANGE', q, 0, -1)
  local keep = {}
  for _, item in ipairs(items) do
    if string.byte(item, 17) % 16 == 2 then
      keep[#keep + 1] = item
    end
  end
  if #keep == 0 then
    redis.call('DEL', q)
    redis.call('ZREM', due, member)
  elseif #keep < #items then
    local keep_for = redis.call('PTTL', q)
    redis.call('DEL', q)
    for _, item in ipairs(keep) do
      redis.call('RPUSH', q, item)
    end
    redis.call('PEXPIRE', q, keep_for)
    if keep[1] ~= items[1] then
      redis.call('ZADD', due, time_of(keep[1]) * 2, member)
    end
  end
end

if update ~= '' and redis.call('ZSCORE', done, update) then
  return {1}
end
local have = redis.call('GET', c)
if (have and string.sub(have, 1, 4) or '\0\0\0\0') ~= base then
  return {2, have}
end
if ARGV[16] == '1' or value == '' or not have then -- the log and the files end with their record
  redis.call('DEL', l, kept_files)
end
if value == '' or not have then -- and so does the mark
  redis.call('HDEL', cases, member)
end
if value ~= '' then
  redis.call('SET', c, value, 'PX', ttl)
  if lines > 0 then
    for i = lines_at, lines_at + lines - 1 do
      redis.call('RPUSH', l, ARGV[i])
    end
    redis.call('LTRIM', l, -` + strconv.Itoa(bot.MostLines) + `, -1)
  end
  if have or lines > 0 then
    redis.call('PEXPIRE', l, ttl)
  end
  for i = kept_at, kept_at + 2 * kept_count - 1, 2 do
    redis.call('HSET', kept_files, ARGV[i], ARGV[i + 1])
  end
  if have or kept_count > 0 then
    redis.call('PEXPIRE', kept_files, ttl)
  end
  if redis.call('PTTL', timer) < tonumber(ttl) then -- what comes back to a case lasts as long as the case
    redis.call('PEXPIRE', timer, ttl)
  end
  if mark ~= '' and string.byte(mark) == 0 then
    redis.call('HDEL', cases, member)
  elseif mark ~= '' then
    redis.call('HSET', cases, member, mark)
  end
elseif have then
  redis.call('DEL', c)
  erase(q, member)
  erase(desk, member .. '\1')
  erase(timer, member .. '\2')
  erase(files, member .. '\3')
  erase(desk_files, member .. '\4')
end
if forgets > 0 then
  for i = forgets_at, forgets_at + forgets - 1 do
    redis.call('ZADD', done, now, ARGV[i])
  end
  redis.call('ZREMRANGEBYSCORE', done, '-inf', now - 86400000)
  redis.call('PEXPIRE', done, 90000000)
end
if counts > 0 then
  for i = counts_at, counts_at + counts - 1 do
    redis.call('HINCRBY', n, ARGV[i], 1)
  end
  redis.call('PEXPIRE', n, 34560000000)
end

-- append takes what was delivered from a queue, puts a number of items at its end, and answers 1 if the first of
-- them is its head now and held for the caller.
local function append(q, member, delivered, from, count)
  if count == 0 and delivered == '' then
    return 0
  end
  local head = redis.call('LINDEX', q, 0)
  local score = head and tonumber(redis.call('ZSCORE', due, member) or '0')
  local keep_for = head and redis.call('PTTL', q) or 0
  if head and delivered ~= '' and string.sub(head, 1, 8) == delivered then
    redis.call('LPOP', q)
    head = false
  end
  local leased = head and score % 2 == 1 and math.floor(score / 2) > now
  local screen = false
  for i = from, from + count - 1 do
    screen = screen or string.byte(ARGV[i], 17) == 1
    keep_for = math.max(keep_for, time_of(ARGV[i]) - now + 172800000)
  end
  if screen then
    local items = redis.call('LRANGE', q, 0, -1)
    local keep = {}
    for i, item in ipairs(items) do
      if string.byte(item, 17) % 16 ~= 1 or (i == 1 and leased) then
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
  for i = from, from + count - 1 do
    redis.call('RPUSH', q, ARGV[i])
  end
  local first = redis.call('LINDEX', q, 0)
  if not first then
    redis.call('ZREM', due, member)
    return 0
  end
  redis.call('PEXPIRE', q, math.max(keep_for, 172800000))
  if head and score > 0 and string.sub(first, 1, 8) == string.sub(head, 1, 8) then
    return 0
  end
  local at, held = time_of(first), 0
  if lease > 0 and at <= now and count > 0 and string.sub(first, 1, 8) == string.sub(ARGV[from], 1, 8) then
    at, held = lease, 1
  end
  redis.call('ZADD', due, at * 2 + held, member)
  return held
end

if #wake == 1 then
  redis.call('DEL', timer)
  redis.call('ZREM', due, member .. '\2')
elseif wake ~= '' then
  local at = time_of(wake)
  redis.call('DEL', timer)
  redis.call('RPUSH', timer, wake)
  redis.call('PEXPIRE', timer, math.max(math.max(at - now, 0) + 172800000, tonumber(ttl)))
  redis.call('ZADD', due, at * 2, member .. '\2')
end
return {0, append(q, member, delivered, sends_at, sends), append(desk, member .. '\1', '', desks_at, desks)}
`)

// tidyScript removes entries of cases, pairs of hash and value, unless one was made again.
var tidyScript = redis.NewScript(`
for i = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then
    redis.call('HDEL', KEYS[1], ARGV[i])
  end
end
return 0
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
local at = struct.unpack('>i8', string.sub(following, 9, 16))
if at > now then
  redis.call('ZADD', due, at * 2, member)
  return {0}
end
redis.call('ZADD', due, til * 2 + 1, member)
return {0, following}
`)

// behindScript moves a head to the end of the queue behind it, with another time, and answers as ackScript does.
var behindScript = redis.NewScript(`
local q, due, behind = KEYS[1], KEYS[2], KEYS[3]
local member, id, now, til, member_behind, at_bytes = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], ARGV[6]
local first = redis.call('LINDEX', q, 0)
if not first or string.sub(first, 1, 8) ~= id then
  return {1}
end
redis.call('LPOP', q)
local at = struct.unpack('>i8', at_bytes)
local keep_for = math.max(redis.call('PTTL', behind), at - now + 172800000)
if redis.call('RPUSH', behind, string.sub(first, 1, 8) .. at_bytes .. string.sub(first, 17)) == 1 then
  redis.call('ZADD', due, at * 2, member_behind)
end
redis.call('PEXPIRE', behind, math.max(keep_for, 172800000))
local following = redis.call('LINDEX', q, 0)
if not following then
  redis.call('ZREM', due, member)
  return {0}
end
local next_at = struct.unpack('>i8', string.sub(following, 9, 16))
if next_at > now then
  redis.call('ZADD', due, next_at * 2, member)
  return {0}
end
redis.call('ZADD', due, til * 2 + 1, member)
return {0, following}
`)

// triedScript keeps with a head what became of its tries.
var triedScript = redis.NewScript(`
local first = redis.call('LINDEX', KEYS[1], 0)
if not first or string.sub(first, 1, 8) ~= ARGV[1] then
  return 1
end
local flag, rest = string.byte(first, 17), 18
if flag >= 16 then
  rest = 18 + 11
end
flag = flag % 16
if ARGV[2] ~= '' then
  flag = flag + 16
end
redis.call('LSET', KEYS[1], 0, string.sub(first, 1, 16) .. string.char(flag) .. ARGV[2] .. string.sub(first, rest))
return 0
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

// reserveScript takes places in the order of all messages of a channel. Times are in microseconds. An order that lies
// further ahead than any honest one comes of a clock that was wrong, and begins anew.
var reserveScript = redis.NewScript(`
local n, interval, burst, now, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local free = tonumber(redis.call('GET', KEYS[1]) or '0')
if free > now + most + burst * interval then
  free = now
end
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

// swapScript keeps a value where there is just another, or nothing.
var swapScript = redis.NewScript(`
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`)

// readyScript tries to write and changes nothing: the key is never there. It is refused as any turn would be. It is sent
// whole each time, for a server that forgot it is no fault.
const readyScript = `return redis.call('SET', KEYS[1], '1', 'XX')`
