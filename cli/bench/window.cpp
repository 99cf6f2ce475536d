// SPDX-License-Identifier: Apache-2.0
#include "bench/window.hpp"

#include <cstdio>

#include "bench/clock.hpp"
#include "bench/cpu_time.hpp"

namespace tenon::bench {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

double server_cpu(const Options& options) {
  return options.server_pid > 0 ? cpu_seconds_of(options.server_pid).value_or(-1) : -1;
}

}  // namespace

Window::Window(const Options& options, Measurement& into)
    : options_(options),
      into_(into),
      opens_at_ns_(now_ns() + ns_of(options.warmup_seconds)),
      closes_at_ns_(opens_at_ns_ + ns_of(options.window_seconds())) {
  tick(now_ns());  // without a warm-up the window is open before the first request
}

void Window::tick(std::int64_t now) {
  if (!open_ && now >= opens_at_ns_) {
    open_ = true;
    opened_at_ns_ = progress_at_ns_ = now;
    server_cpu_ = server_cpu(options_);
    own_cpu_ = own_cpu_seconds();
  }
  if (open_ && now - progress_at_ns_ >= kSecond) print_progress(now);
}

void Window::close(std::int64_t now) {
  if (!open_) return;
  open_ = false;
  into_.seconds = static_cast<double>(now - opened_at_ns_) * 1e-9;
  into_.own_cpu_seconds = own_cpu_seconds() - own_cpu_;
  const double cpu = server_cpu(options_);
  if (cpu >= 0 && server_cpu_ >= 0) into_.server_cpu_seconds = cpu - server_cpu_;
}

void Window::refused(int code, std::string_view remark) {
  if (into_.refusals.empty()) into_.first_refusal = remark;
  ++into_.refusals[code];
}

void Window::print_progress(std::int64_t now) {
  const double seconds = static_cast<double>(now - progress_at_ns_) * 1e-9;
  if (!options_.quiet) {
    std::fprintf(stderr, "%5.0f s  %10.0f messages/s  p50 %.1f us  p99 %.1f us\n",
                 static_cast<double>(now - opened_at_ns_) * 1e-9,
                 static_cast<double>(into_.messages - progress_messages_) / seconds,
                 static_cast<double>(into_.latency.percentile_ns(0.5)) * 1e-3,
                 static_cast<double>(into_.latency.percentile_ns(0.99)) * 1e-3);
  }
  progress_at_ns_ = now;
  progress_messages_ = into_.messages;
}

}  // namespace tenon::bench
