wrk.headers["Accept-Encoding"] = "gzip"
function done(summary, latency)
   io.write(string.format("p50 %d p99 %d errors %d\n", latency:percentile(50), latency:percentile(99),
      summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
