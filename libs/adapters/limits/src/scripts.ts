/**
 * Requests and tokens of a minute are counted by second. A second counts until it is BUCKETS seconds past as a whole,
 * so what is counted is never less than what came in the last 60 s, and at most a second more.
 */
const BUCKET_MS = 1_000;
const BUCKETS = 60;

/** The first argument of each script: the instant in milliseconds, or empty for the clock of Redis. */
const CLOCK = `
local BUCKET_MS, BUCKETS = ${String(BUCKET_MS)}, ${String(BUCKETS)}
local MINUTE_TTL_MS = (BUCKETS + 2) * BUCKET_MS

local function clock()
  if ARGV[1] ~= '' then return tonumber(ARGV[1]) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local now = clock()
local second = math.floor(now / BUCKET_MS)

-- A hold is 'requestId|tokens'.
local function tokensOf(hold)
  return tonumber(string.match(hold, '|(%d+)$'))
end

-- The counter of a month is what has been used and what is held now; one that is not there is not begun here.
local function addToMonth(key, tokens)
  if tokens ~= 0 and redis.call('EXISTS', key) == 1 then redis.call('INCRBY', key, tokens) end
end
`;

/**
 * Checks all limits of all levels and holds a request at each of them, or at none.
 * KEYS: for each level its minute, its holds, its month.
 * ARGV: instant, request id or '' to look only, tokens that must be free, tokens to hold if they are free, lease in ms,
 * life of an idle month counter in ms; for each level requests a minute, tokens a minute, concurrent requests, tokens a
 * month (-1: not limited) and what Postgres knows of the month (-1: not asked).
 * Answers: outcome (0 refused, 1 held or looked, 2 a month is not known), tokens held, second, then for each level
 * requests, tokens, concurrent, tokens of the month, waits and resets of requests and tokens.
 */
export const HOLD_SCRIPT = `${CLOCK}
local requestId, least, most = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local leaseMs, monthTtlMs = tonumber(ARGV[5]), tonumber(ARGV[6])
local looksOnly = requestId == ''
local FIRST_LEVEL, LIMITS = 7, 5

local function readMinute(key)
  local requests, tokens = { sum = 0, newest = second, counts = {} }, { sum = 0, newest = second, counts = {} }
  local flat, past = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do
    local field = flat[i]
    local bucket = tonumber(string.sub(field, 2))
    if bucket < second - BUCKETS then
      past[#past + 1] = field
    else
      local kind = string.byte(field) == 114 and requests or tokens
      local count = tonumber(flat[i + 1])
      kind.sum = kind.sum + count
      kind.counts[bucket] = count
      if bucket > kind.newest then kind.newest = bucket end
    end
  end
  if #past > 0 then redis.call('HDEL', key, unpack(past)) end
  return requests, tokens
end

local function untilPast(bucket)
  return (bucket + BUCKETS + 1) * BUCKET_MS - now
end

-- Until so much of what is counted is past that 'need' fits below 'limit'; 0 when it fits now.
local function waitFor(kind, need, limit)
  local excess = kind.sum + need - limit
  if limit < 0 or excess <= 0 then return 0 end
  for bucket = second - BUCKETS, kind.newest do
    excess = excess - (kind.counts[bucket] or 0)
    if excess <= 0 then return untilPast(bucket) end
  end
  return untilPast(kind.newest)
end

local function untilAllPast(kind)
  if kind.sum == 0 then return 0 end
  for bucket = kind.newest, second - BUCKETS, -1 do
    if (kind.counts[bucket] or 0) > 0 then return untilPast(bucket) end
  end
  return 0
end

-- Those of processes that have died: what they held of the month is free again.
local function endExpiredHolds(level)
  local expired = redis.call('ZRANGEBYSCORE', level.openKey, '-inf', now)
  if #expired == 0 then return end
  local tokens = 0
  for _, hold in ipairs(expired) do tokens = tokens + tokensOf(hold) end
  redis.call('ZREMRANGEBYSCORE', level.openKey, '-inf', now)
  addToMonth(level.monthKey, -tokens)
end

-- What Postgres knows, and what is held beside it.
local function beginMonth(level, used)
  for _, hold in ipairs(redis.call('ZRANGE', level.openKey, 0, -1)) do used = used + tokensOf(hold) end
  redis.call('SET', level.monthKey, used, 'PX', monthTtlMs)
  return used
end

local function readMonth(level, seed)
  if level.quota < 0 then return 0 end
  local used = redis.call('GET', level.monthKey)
  if used then return tonumber(used) end
  if seed < 0 then return nil end
  return beginMonth(level, seed)
end

local function readLevel(index)
  local key, arg = (index - 1) * 3, FIRST_LEVEL + (index - 1) * LIMITS
  local level = {
    minuteKey = KEYS[key + 1], openKey = KEYS[key + 2], monthKey = KEYS[key + 3],
    requestLimit = tonumber(ARGV[arg]), tokenLimit = tonumber(ARGV[arg + 1]),
    concurrentLimit = tonumber(ARGV[arg + 2]), quota = tonumber(ARGV[arg + 3]),
  }
  level.requests, level.tokens = readMinute(level.minuteKey)
  endExpiredHolds(level)
  level.concurrent = redis.call('ZCARD', level.openKey)
  level.month = readMonth(level, tonumber(ARGV[arg + 4]))
  return level
end

local function hasRoom(limit, used, need)
  return limit < 0 or used + need <= limit
end

local function fits(level)
  return hasRoom(level.requestLimit, level.requests.sum, 1)
    and hasRoom(level.tokenLimit, level.tokens.sum, least)
    and hasRoom(level.concurrentLimit, level.concurrent, 1)
    and hasRoom(level.quota, level.month, least)
end

local function count(level, kind, field, amount)
  kind.sum = kind.sum + amount
  kind.counts[second] = (kind.counts[second] or 0) + amount
  if amount > 0 then redis.call('HINCRBY', level.minuteKey, field .. second, amount) end
end

local function hold(level, tokens)
  count(level, level.requests, 'r', 1)
  count(level, level.tokens, 't', tokens)
  redis.call('PEXPIRE', level.minuteKey, MINUTE_TTL_MS)
  redis.call('ZADD', level.openKey, now + leaseMs, requestId .. '|' .. tokens)
  redis.call('PEXPIRE', level.openKey, monthTtlMs + leaseMs)
  level.concurrent = level.concurrent + 1
  addToMonth(level.monthKey, tokens)
  if level.quota < 0 then return end
  redis.call('PEXPIRE', level.monthKey, monthTtlMs)
  level.month = level.month + tokens
end

local levels, outcome, granted = {}, 1, most
for index = 1, #KEYS / 3 do
  local level = readLevel(index)
  levels[index] = level
  if level.month == nil then return { 2, 0, second } end
  if not looksOnly and not fits(level) then outcome = 0 end
  if level.tokenLimit >= 0 then granted = math.min(granted, level.tokenLimit - level.tokens.sum) end
  if level.quota >= 0 then granted = math.min(granted, level.quota - level.month) end
end
if outcome == 0 or looksOnly then granted = 0 end

local answer = { outcome, granted, second }
for _, level in ipairs(levels) do
  if outcome == 1 and not looksOnly then hold(level, granted) end
  local numbers = {
    level.requests.sum, level.tokens.sum, level.concurrent, level.month,
    waitFor(level.requests, 1, level.requestLimit), waitFor(level.tokens, least, level.tokenLimit),
    untilAllPast(level.requests), untilAllPast(level.tokens),
  }
  for _, number in ipairs(numbers) do answer[#answer + 1] = number end
end
return answer
`;

/**
 * Replaces a hold by what was used. A hold that is not there was settled before, or has expired: nothing happens.
 * KEYS: as HOLD_SCRIPT. ARGV: instant, request id, tokens held, tokens used, second in which they were held.
 */
export const SETTLE_SCRIPT = `${CLOCK}
local requestId, held, used, heldIn = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local change = used - held

-- What was held counts in the second of the hold; what goes beyond that counts now, once that second is past.
local function recount(key)
  local isPast = heldIn < second - BUCKETS
  if change == 0 or (isPast and change < 0) then return end
  local field = 't' .. (isPast and second or heldIn)
  if redis.call('HINCRBY', key, field, change) <= 0 then redis.call('HDEL', key, field) end
  redis.call('PEXPIRE', key, MINUTE_TTL_MS)
end

for index = 1, #KEYS, 3 do
  if redis.call('ZREM', KEYS[index + 1], requestId .. '|' .. held) == 1 then
    recount(KEYS[index])
    addToMonth(KEYS[index + 2], change)
  end
end
`;

/**
 * Keeps holds of one level from expiring, and restores those that Redis has lost.
 * KEYS: holds, month. ARGV: instant, lease in ms, life of an idle month counter in ms, then the holds.
 */
export const RENEW_SCRIPT = `${CLOCK}
local leaseMs, monthTtlMs = tonumber(ARGV[2]), tonumber(ARGV[3])
local restored = 0
for i = 4, #ARGV do
  if redis.call('ZADD', KEYS[1], now + leaseMs, ARGV[i]) == 1 then restored = restored + tokensOf(ARGV[i]) end
end
redis.call('PEXPIRE', KEYS[1], monthTtlMs + leaseMs)
addToMonth(KEYS[2], restored)
`;
