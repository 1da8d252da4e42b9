#include "gateway/metrics.h"

#include <catch2/catch.hpp>

namespace smhost {
namespace {

MetricsSnapshot One() {
  MetricsSnapshot snapshot;
  auto& variant = snapshot.variants[{"000000000000", "e", "v"}];
  variant.counted.Count(200, 3);
  variant.counted.Count(424);
  variant.counted.model.Add(std::chrono::microseconds(100));
  variant.counted.model.Add(std::chrono::microseconds(101));
  variant.counted.model.Add(std::chrono::minutes(2));
  variant.waiting = 2;
  variant.ready = 1;
  snapshot.responses[200] = 5;
  snapshot.connections = 7;
  snapshot.generation = 4;
  return snapshot;
}

bool Holds(const std::string& text, const std::string& line) { return ("\n" + text).find("\n" + line + "\n") != std::string::npos; }

TEST_CASE("counters become Prometheus' text") {
  std::string text = PrometheusText(One());
  CHECK(Holds(text, "smhost_requests_total{account=\"000000000000\",endpoint=\"e\",variant=\"v\",code=\"200\"} 3"));
  CHECK(Holds(text, "smhost_requests_queued{account=\"000000000000\",endpoint=\"e\",variant=\"v\"} 2"));
  CHECK(Holds(text, "smhost_http_responses_total{code=\"200\"} 5"));
  CHECK(Holds(text, "# TYPE smhost_model_latency_seconds histogram"));
}

TEST_CASE("a histogram's buckets add up, and a value on a bound lies below it") {
  std::string text = PrometheusText(One()), labels = "{account=\"000000000000\",endpoint=\"e\",variant=\"v\"";
  CHECK(Holds(text, "smhost_model_latency_seconds_bucket" + labels + ",le=\"0.0001\"} 1"));
  CHECK(Holds(text, "smhost_model_latency_seconds_bucket" + labels + ",le=\"0.00025\"} 2"));
  CHECK(Holds(text, "smhost_model_latency_seconds_bucket" + labels + ",le=\"30\"} 2"));
  CHECK(Holds(text, "smhost_model_latency_seconds_bucket" + labels + ",le=\"+Inf\"} 3"));
  CHECK(Holds(text, "smhost_model_latency_seconds_count" + labels + "} 3"));
}

TEST_CASE("loops' counters add up, what they share does not") {
  MetricsSnapshot sum = One();
  sum.Add(One());
  std::string text = PrometheusText(sum), labels = "{account=\"000000000000\",endpoint=\"e\",variant=\"v\"";
  CHECK(Holds(text, "smhost_requests_total" + labels + ",code=\"424\"} 2"));
  CHECK(Holds(text, "smhost_gateway_connections 14"));
  CHECK(Holds(text, "smhost_instances_ready" + labels + "} 1"));
  CHECK(Holds(text, "smhost_routes_generation 4"));
}

}  // namespace
}  // namespace smhost
