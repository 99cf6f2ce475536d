// SPDX-License-Identifier: Apache-2.0
#include "bench/report.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "tenon/text.hpp"

namespace tenon::bench {
namespace {

constexpr std::pair<const char*, double> kPercentiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}};

double rate_of(const Measurement& measured, std::uint64_t count) {
  return measured.seconds > 0 ? static_cast<double>(count) / measured.seconds : 0;
}

double us_per_message(const Measurement& measured, double cpu_seconds) {
  return measured.messages > 0 ? cpu_seconds * 1e6 / static_cast<double>(measured.messages) : 0;
}

std::string fixed(double value, int digits) {
  char out[64];
  std::snprintf(out, sizeof out, "%.*f", digits, value);
  return out;
}

std::string us(std::int64_t ns) { return fixed(static_cast<double>(ns) * 1e-3, 1); }

std::string json_string(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  }
  return out + "\"";
}

}  // namespace

std::string text_report(const Options& options, const Measurement& measured) {
  std::string out = text(measured.mode, " to ", options.broker, ": ", measured.messages, " messages in ",
                         fixed(measured.seconds, 2), " s = ", fixed(rate_of(measured, measured.messages), 0),
                         " messages/s (", fixed(rate_of(measured, measured.requests), 0), " requests/s, ",
                         fixed(rate_of(measured, measured.body_bytes) / 1e6, 1), " MB/s)\nlatency ");
  for (const auto& [name, fraction] : kPercentiles) {
    out += text(name, " ", us(measured.latency.percentile_ns(fraction)), " us, ");
  }
  out += text("max ", us(measured.latency.max_ns()), " us\n");
  if (measured.server_cpu_seconds >= 0) {
    out += text("server CPU ", fixed(us_per_message(measured, measured.server_cpu_seconds), 3), " us per message, ",
                fixed(measured.server_cpu_seconds / std::max(measured.seconds, 1e-9), 2), " cores\n");
  }
  out += text("generator CPU ", fixed(us_per_message(measured, measured.own_cpu_seconds), 3), " us per message\n");
  if (measured.lost > 0) out += text("LOST ", measured.lost, " messages\n");
  for (const auto& [code, count] : measured.refusals) out += text("refused with code ", code, ": ", count, " times\n");
  if (!measured.first_refusal.empty()) out += text("first refusal: ", measured.first_refusal, "\n");
  return out;
}

std::string json_report(const Options& options, const Measurement& measured) {
  const bool e2e = measured.mode == "e2e";
  std::string out =
      text(R"({"mode":")", measured.mode, R"(","broker":)", json_string(options.broker), R"(,"connections":)",
           e2e ? 2 : options.connections, R"(,"depth":)", options.depth, R"(,"body_bytes":)", options.shape.body_bytes,
           R"(,"batch":)", options.shape.batch, R"(,"unbatched":)", options.unbatched, R"(,"seconds":)",
           fixed(measured.seconds, 6), R"(,"requests":)", measured.requests, R"(,"messages":)", measured.messages,
           R"(,"messages_per_second":)", fixed(rate_of(measured, measured.messages), 1), R"(,"body_bytes_received":)",
           measured.body_bytes, R"(,"latency_us":{)");
  for (const auto& [name, fraction] : kPercentiles) {
    out += text("\"", name, "\":", us(measured.latency.percentile_ns(fraction)), ",");
  }
  out += text(R"("max":)", us(measured.latency.max_ns()), R"(},"generator_cpu_us_per_message":)",
              fixed(us_per_message(measured, measured.own_cpu_seconds), 4));
  if (measured.server_cpu_seconds >= 0) {
    out += text(R"(,"server_cpu_us_per_message":)", fixed(us_per_message(measured, measured.server_cpu_seconds), 4),
                R"(,"server_cpu_seconds":)", fixed(measured.server_cpu_seconds, 6));
  }
  out += text(R"(,"lost":)", measured.lost, R"(,"refusals":{)");
  bool first = true;
  for (const auto& [code, count] : measured.refusals) {
    out += text(std::exchange(first, false) ? "" : ",", "\"", code, "\":", count);
  }
  out += text(R"(},"first_refusal":)", json_string(measured.first_refusal), "}");
  return out;
}

}  // namespace tenon::bench
