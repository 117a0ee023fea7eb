/**
 * The one script of all questions, run on the server as one step. Its keys are the start marker, then an entry for each
 * token; all of a tenant are in one slot of a cluster.
 *
 * An entry is a hash: `e` its end, and while it is pending `o`, where it came from (an empty one where that is unknown).
 * The marker is when the memory of this server began, and the server's run id: a server that was started again, or took
 * over for another, may have lost what was written last, so that is a new start. Memory is asked for where something new
 * is kept, and nowhere else: what is known stays known on a full server, and a pending token can be consumed.
 *
 * Arguments: the question; now; maxLifetime and skew in one; how many seconds a new entry outlives its end; where the token
 * came from; `1` to look whether this server drops keys; then the end of each token. It answers a word for each, in one text.
 */
export const SCRIPT = `
local question, now, horizon = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local start, known_run = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%w+)$')
start = tonumber(start or 0)
if known_run ~= run or ARGV[6] == '1' then
  local memory = redis.call('INFO', 'memory')
  local policy = string.match(memory, 'maxmemory_policy:([%w-]+)')
  if string.match(memory, 'maxmemory:(%d+)') ~= '0' and policy ~= 'noeviction' then return 'evicts ' .. policy end
end
if question == 'consume' then
  local entry = redis.call('HMGET', KEYS[2], 'e', 'o')
  if known_run ~= run or not entry[2] or tonumber(entry[1]) <= start + horizon then return 'false' end
  redis.call('HDEL', KEYS[2], 'o')
  return 'true'
end
local full = false
local function kept(...)
  local reply = redis.pcall(...)
  if type(reply) ~= 'table' or not reply.err then return true end
  if not string.find(reply.err, 'OOM', 1, true) then error(reply.err) end
  return false
end
if known_run ~= run then
  start = math.max(start, now)
  full = not kept('SET', KEYS[1], string.format('%.0f %s', start, run))
end
local answers = {}
for i = 2, #KEYS do
  local last = tonumber(ARGV[i + 5])
  local answer
  if last <= start + horizon then
    answer = 'before-start'
  elseif last > now + horizon then
    answer = 'lifetime-too-long'
  else
    local entry = redis.call('HMGET', KEYS[i], 'e', 'o')
    if not entry[1] then
      local made
      if question == 'claim' then
        made = not full and kept('HSET', KEYS[i], 'e', ARGV[i + 5])
      else
        made = not full and kept('HSET', KEYS[i], 'e', ARGV[i + 5], 'o', ARGV[5])
      end
      if made then redis.call('EXPIRE', KEYS[i], string.format('%.0f', last - now + tonumber(ARGV[4]))) end
      answer = made and 'new' or 'full'
    elseif question == 'claim' or not entry[2] then
      answer = 'used'
    else
      answer = entry[2] == ARGV[5] and 'again' or 'elsewhere'
    end
  end
  answers[i - 1] = answer
end
return table.concat(answers, ' ')
`;
