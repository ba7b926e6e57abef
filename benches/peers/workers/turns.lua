-- For wrk: asks for the paths of a file in turns, a line each, and says what came of it in one line of JSON.
--   wrk -t1 -c16 -d2s -s turns.lua http://127.0.0.1:8080 -- FILE

local paths, at = {}, 0

function init(args)
    for line in io.lines(args[1]) do paths[#paths + 1] = line end
end

function request()
    at = at % #paths + 1
    return wrk.format("GET", paths[at])
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"requests": %d, "seconds": %.6f, "refused": %d, "broken": %d, "p50": %.3f, "p99": %.3f}\n',
        summary.requests, summary.duration / 1e6, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
