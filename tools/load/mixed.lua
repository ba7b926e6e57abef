-- Mixed traffic for wrk: of every hundred requests 80 for pictures that are stored, 15 revalidations of them, and 5 for
-- pictures that no client has asked for yet; or as many new ones as the argument says. Each kind has latencies of its own, for
-- which every thread has one connection:
--
--   wrk -t 64 -c 64 -d 30 -s tools/load/mixed.lua http://ADDRESS [-- PERCENT]

local ffi = require("ffi")
ffi.cdef("typedef struct { long s; long ns; } platemark_time; int clock_gettime(int clock, platemark_time *time);")

local KINDS = { "stored", "revalidated", "new" }

local STORED = {
  "harbour?wid=400",
  "harbour?req=tmb",
  "lighthouse?wid=300&hei=300&fit=crop",
  "pebbles?wid=400&fmt=jpeg,gray",
  "ring?wid=200&fmt=png-alpha",
  "chart?wid=600&op_usm=1.5,6",
  "harbour?scl=1&rect=2150,1250,512,512",
  "village?$postcard$",
}
local OBJECTS = { "harbour", "lighthouse", "pebbles", "ring", "chart", "sail", "window", "village" }

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

local time = ffi.new("platemark_time")
local function now()
  ffi.C.clock_gettime(1, time)
  return tonumber(time.s) + tonumber(time.ns) / 1e9
end

function init(args)
  new_percent = tonumber(args[1] or "5")
  math.randomseed(os.time() * 1000 + number)
  made, statuses, tags = 0, {}, {}
  -- Only flat tables with texts as keys get out of a thread: counts of requests by kind and hundredths of milliseconds.
  latencies = {}
end

-- No two requests of a run are the same, and hardly any of two runs: threads take turns at numbers.
local function fresh()
  local n = made * 256 + number + os.time() % 1000 * 977
  made = made + 1
  local object = OBJECTS[n % #OBJECTS + 1]
  return string.format("%s?wid=%d&qlt=%d&op_sharpen=%d", object, 60 + n % 701, 50 + math.floor(n / 701) % 50,
    math.floor(n / 35050) % 2)
end

function request()
  local dice = math.random(100)
  local which = math.random(#STORED)
  local path, headers = STORED[which], nil
  kind, tag_of = "stored", which
  if dice <= new_percent then
    kind, path, tag_of = "new", fresh(), nil
  elseif dice <= new_percent + 15 and tags[which] then
    kind, headers = "revalidated", { ["If-None-Match"] = tags[which] }
  end
  -- The pictures have to be made once before they are stored.
  if kind == "stored" and not tags[which] then
    kind = "new"
  end
  start = now()
  return wrk.format("GET", "/is/image/demo/" .. path, headers)
end

function response(status, headers)
  local key = string.format("%s %d", kind, math.ceil((now() - start) * 1e5))
  latencies[key] = (latencies[key] or 0) + 1
  local outcome = kind .. " " .. status
  statuses[outcome] = (statuses[outcome] or 0) + 1
  for name, value in pairs(headers) do
    if tag_of and status == 200 and name:lower() == "etag" then
      tags[tag_of] = value
    end
  end
end

-- The latency, in milliseconds, that so many of a kind's requests do not exceed.
local function percentile(counts, all, part)
  local hundredths = {}
  for latency in pairs(counts) do
    table.insert(hundredths, latency)
  end
  table.sort(hundredths)
  local seen = 0
  for _, latency in ipairs(hundredths) do
    seen = seen + counts[latency]
    if seen >= all * part then
      return latency / 100
    end
  end
  return 0
end

function done(summary)
  local counts, totals, outcomes = {}, {}, {}
  for _, kind in ipairs(KINDS) do
    counts[kind], totals[kind] = {}, 0
  end
  for _, thread in ipairs(threads) do
    for key, count in pairs(thread:get("latencies")) do
      local kind, latency = key:match("(%a+) (%d+)")
      latency = tonumber(latency)
      counts[kind][latency] = (counts[kind][latency] or 0) + count
      totals[kind] = totals[kind] + count
    end
    for outcome, count in pairs(thread:get("statuses")) do
      outcomes[outcome] = (outcomes[outcome] or 0) + count
    end
  end
  for _, kind in ipairs(KINDS) do
    local at = function(part)
      return percentile(counts[kind], totals[kind], part)
    end
    print(string.format("%s: %d requests, median %.2f ms, p99 %.2f ms", kind, totals[kind], at(0.5), at(0.99)))
  end
  for outcome, count in pairs(outcomes) do
    print(string.format("status of %s: %d", outcome, count))
  end
  local errors = summary.errors
  print(string.format("errors: %d", errors.connect + errors.read + errors.write + errors.timeout))
end
