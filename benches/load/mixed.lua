-- Mixed traffic for wrk: 80 % pictures that are stored, 15 % revalidations of them, 5 % pictures nobody has asked for yet.
-- wrk -t 2 -c 56 -d 30 -s mixed.lua --latency http://ADDRESS -- [percentage of new pictures]

local stored = {
  "/is/image/demo/harbour?wid=400",
  "/is/image/demo/harbour?req=tmb",
  "/is/image/demo/lighthouse?wid=300&hei=300&fit=crop",
  "/is/image/demo/pebbles?wid=400&fmt=jpeg,gray",
  "/is/image/demo/ring?wid=200&fmt=png-alpha",
  "/is/image/demo/chart?wid=600&op_usm=1.5,6",
  "/is/image/demo/harbour?scl=1&rect=2150,1250,512,512",
  "/is/image/demo/village?$postcard$",
}
local objects = { "harbour", "lighthouse", "pebbles", "ring", "chart", "sail", "window", "village" }
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  new_percent = tonumber(args[1] or "5")
  math.randomseed(number * 7919 + os.time())
  count = 0
  tags = {}
end

-- No two requests of a run are the same: threads take turns at numbers.
local function fresh()
  count = count + 1
  local n = count * 2 + number
  local object = objects[n % #objects + 1]
  return string.format("/is/image/demo/%s?wid=%d&qlt=%d&op_sharpen=%d", object, 60 + n % 700, 60 + math.floor(n / 700) % 40,
    math.floor(n / 28000) % 2)
end

function request()
  local dice = math.random(100)
  if dice <= new_percent then
    return wrk.format("GET", fresh())
  end
  local path = stored[math.random(#stored)]
  if dice <= new_percent + 15 and next(tags) then
    -- Any of the tags will do: most do not match their picture, so all are sent.
    return wrk.format("GET", path, { ["If-None-Match"] = all_tags })
  end
  return wrk.format("GET", path)
end

function response(status, headers, body)
  local tag = headers["etag"]
  if status == 200 and tag and #tags < 64 and not tags[tag] then
    tags[tag] = true
    all_tags = all_tags and (all_tags .. ", " .. tag) or tag
  end
end
