#include "gateway/metrics.h"

#include <algorithm>
#include <cstdio>

namespace smhost {
namespace {

class Text {
 public:
  std::string out;

  void Describe(const char* name, const char* type, const char* help) {
    out.append("# HELP ").append(name).append(" ").append(help).append("\n");
    out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  }
  void Line(const std::string& name, const std::string& labels, double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.15g", value);
    out.append(name);
    if (!labels.empty()) out.append("{").append(labels).append("}");
    out.append(" ").append(text).append("\n");
  }
  void Single(const char* name, const char* type, const char* help, double value) {
    Describe(name, type, help);
    Line(name, "", value);
  }
  void Add(const std::string& name, const std::string& labels, const Histogram& histogram) {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
      count += histogram.counts[i];
      char bound[32] = "+Inf";
      if (i < Histogram::kBounds.size()) std::snprintf(bound, sizeof bound, "%g", Histogram::kBounds[i]);
      Line(name + "_bucket", labels + ",le=\"" + bound + "\"", static_cast<double>(count));
    }
    Line(name + "_sum", labels, histogram.sum);
    Line(name + "_count", labels, static_cast<double>(count));
  }
};

}  // namespace

void MetricsSnapshot::Add(const MetricsSnapshot& other) {
  for (const auto& [key, variant] : other.variants) {
    auto& mine = variants[key];
    mine.counted.Add(variant.counted);
    mine.waiting += variant.waiting;
    mine.outstanding += variant.outstanding;
    mine.ready = std::max(mine.ready, variant.ready);  // each loop has its own connection to the same instances
  }
  for (auto [code, count] : other.responses) responses[code] += count;
  connections += other.connections;
  connections_total += other.connections_total;
  shed_total += other.shed_total;
  accept_errors_total += other.accept_errors_total;
  held_body_bytes += other.held_body_bytes;
  generation = std::max(generation, other.generation);
}

std::string PrometheusText(const MetricsSnapshot& s) {
  Text text;
  text.Single("smhost_gateway_connections", "gauge", "Open client connections.", static_cast<double>(s.connections));
  text.Single("smhost_gateway_connections_total", "counter", "Accepted client connections.", static_cast<double>(s.connections_total));
  text.Single("smhost_gateway_shed_connections_total", "counter", "Idle connections closed to make room for others.", static_cast<double>(s.shed_total));
  text.Single("smhost_gateway_accept_errors_total", "counter", "Failures to accept a connection.", static_cast<double>(s.accept_errors_total));
  text.Single("smhost_gateway_held_body_bytes", "gauge", "Request bodies in memory.", static_cast<double>(s.held_body_bytes));
  text.Single("smhost_routes_generation", "gauge", "Generation of the routes in use.", static_cast<double>(s.generation));
  text.Describe("smhost_http_responses_total", "counter", "Answers by HTTP status.");
  for (auto [code, count] : s.responses)
    text.Line("smhost_http_responses_total", "code=\"" + std::to_string(code) + "\"", static_cast<double>(count));

  // A metric's lines must stand together: one pass over the variants for each.
  auto each = [&](const char* name, const char* type, const char* help, auto add) {
    text.Describe(name, type, help);
    for (const auto& [key, variant] : s.variants) {
      const auto& [account, endpoint, name_of_variant] = key;
      add(std::string(name), "account=\"" + account + "\",endpoint=\"" + endpoint + "\",variant=\"" + name_of_variant + "\"", variant);
    }
  };
  using Variant = MetricsSnapshot::Variant;
  each("smhost_requests_total", "counter", "Invocations answered.", [&](const std::string& name, const std::string& labels, const Variant& v) {
    for (auto [code, count] : v.counted.codes)
      text.Line(name, labels + ",code=\"" + std::to_string(code) + "\"", static_cast<double>(count));
  });
  each("smhost_requests_in_flight", "gauge", "Invocations at instances.", [&](const std::string& name, const std::string& labels, const Variant& v) {
    text.Line(name, labels, static_cast<double>(v.outstanding));
  });
  each("smhost_requests_queued", "gauge", "Invocations that wait for an instance.", [&](const std::string& name, const std::string& labels, const Variant& v) {
    text.Line(name, labels, static_cast<double>(v.waiting));
  });
  each("smhost_instances_ready", "gauge", "Instances that take invocations.", [&](const std::string& name, const std::string& labels, const Variant& v) {
    text.Line(name, labels, static_cast<double>(v.ready));
  });
  each("smhost_replayed_requests_total", "counter", "Invocations whose instance ended, run once more.", [&](const std::string& name, const std::string& labels, const Variant& v) {
    text.Line(name, labels, static_cast<double>(v.counted.replayed));
  });
  each("smhost_poisoned_requests_total", "counter", "Invocations that ended two instances, or are the same as such a one.", [&](const std::string& name, const std::string& labels, const Variant& v) {
    text.Line(name, labels, static_cast<double>(v.counted.poisoned));
  });
  each("smhost_model_latency_seconds", "histogram", "Time in the model.", [&](const std::string& name, const std::string& labels, const Variant& v) {
    text.Add(name, labels, v.counted.model);
  });
  each("smhost_overhead_latency_seconds", "histogram", "Time in smhost beside the model.", [&](const std::string& name, const std::string& labels, const Variant& v) {
    text.Add(name, labels, v.counted.overhead);
  });
  return std::move(text.out);
}

}  // namespace smhost
