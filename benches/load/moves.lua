-- Moves COREs, with their Supervisors, a week on and back again. MOVES is a file of lines "schedule date date".
local threads = 0
function setup(thread)
   thread:set("place", threads)
   threads = threads + 1
end

function init()
   moves, turn, refused = {}, 0, 0
   local number = 0
   for line in io.lines(os.getenv("MOVES")) do
      -- Each thread has schedules of its own.
      if number % 2 == place % 2 then moves[#moves + 1] = { line:match("(%d+) (%S+) (%S+)") } end
      number = number + 1
   end
   wrk.headers["Content-Type"] = "application/json"
end

function request()
   local move = moves[turn % #moves + 1]
   local there = math.floor(turn / #moves) % 2 == 0
   turn = turn + 1
   local body = string.format('{"schedule_id":%s,"new_date":"%s","override_reason":"trial"}', move[1], there and move[3] or move[2])
   return wrk.format("POST", "/api/reschedule_event", nil, body)
end

function response(status)
   if status ~= 200 then refused = refused + 1 end
end

function done(summary, latency)
   io.write(string.format("p50 %d p99 %d errors %d\n", latency:percentile(50), latency:percentile(99),
      summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
