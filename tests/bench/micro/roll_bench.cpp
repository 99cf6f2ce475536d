// SPDX-License-Identifier: Apache-2.0
// How long an append stands still while the log goes from one file to the next: the longest ones that roll, those next
// to them in the log, and the others. On a busy machine most long ones are those whose thread had to give its processor
// to another; they are counted apart, and what is left has computed or waited.
//
//   roll_bench [--directory DIR] [--file-mib 64] [--rolls 20] [--body 1024] [--pause-us 0]
//
// --pause-us: between appends, so that the background thread has its time, as under a load that is not all there is.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "logstore/log_store.hpp"

namespace {

using Clock = std::chrono::steady_clock;

struct Arguments {
  std::filesystem::path directory = std::filesystem::temp_directory_path();
  std::int64_t file_mib = 64, rolls = 20, body = 1024, pause_us = 0;

  bool read(int argc, char** argv) {
    for (int at = 1; at < argc; at += 2) {
      const std::string_view name = argv[at];
      if (at + 1 >= argc) return false;
      const char* const value = argv[at + 1];
      if (name == "--directory")
        directory = value;
      else if (name == "--file-mib")
        file_mib = std::atoll(value);
      else if (name == "--rolls")
        rolls = std::atoll(value);
      else if (name == "--body")
        body = std::atoll(value);
      else if (name == "--pause-us")
        pause_us = std::atoll(value);
      else
        return false;
    }
    return file_mib > 0 && rolls > 0 && body >= 0 && body < 4'000'000;
  }
};

double in_us(Clock::duration duration) { return std::chrono::duration<double, std::micro>(duration).count(); }

/// How often another thread took the processor from this one.
long preemptions() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nivcsw;
}

/// The appends of one kind, without those that were interrupted.
struct Measured {
  static constexpr double kLong = 50;  ///< Only of one that takes longer it is asked whether it was.
  std::vector<double> microseconds;
  double longest_interrupted = 0;
  int interrupted = 0;

  /// `before`: preemptions() when it began.
  void add(double took, long before) {
    if (took >= kLong && preemptions() != before) {
      ++interrupted;
      longest_interrupted = std::max(longest_interrupted, took);
      return;
    }
    microseconds.push_back(took);
  }
};

void print(const char* what, Measured& measured) {
  auto& microseconds = measured.microseconds;
  if (microseconds.empty()) return;
  std::sort(microseconds.begin(), microseconds.end());
  const auto at = [&](double part) {
    return microseconds[static_cast<std::size_t>(part * static_cast<double>(microseconds.size() - 1))];
  };
  std::printf(
      "%-22s %9zu  median %8.1f  p99 %8.1f  p99.9 %8.1f  p99.99 %8.1f  longest %8.1f us; interrupted %d, "
      "longest %8.1f us\n",
      what, microseconds.size(), at(0.5), at(0.99), at(0.999), at(0.9999), microseconds.back(), measured.interrupted,
      measured.longest_interrupted);
}

int run(const Arguments& arguments) {
  const std::filesystem::path directory = arguments.directory / ("roll_bench-" + std::to_string(getpid()));
  constexpr std::int64_t kNear = 1 << 20;  // bytes before and behind a roll
  Measured rolling, near, others;
  {
    tenon::logstore::StoreOptions options;
    options.directory = directory;
    options.commit_log_file_size = arguments.file_mib << 20;
    options.index_enabled = false;
    options.retention.disk_warning_ratio = options.retention.disk_clean_forcibly_ratio = 1;
    options.retention.log_size_max = 4 * options.commit_log_file_size;
    options.retention.check_interval = std::chrono::milliseconds(200);
    const std::int64_t file_size = options.commit_log_file_size;
    tenon::logstore::LogStore store(std::move(options));
    if (const tenon::Status opened = store.open(); !opened) throw tenon::Failure(opened.error());
    const std::string body(static_cast<std::size_t>(arguments.body), 'b');
    tenon::Message message;
    message.topic = "RollBench";
    message.body = std::as_bytes(std::span(body));
    std::int64_t file = 0;
    while (file < arguments.rolls) {
      const long before = preemptions();
      const auto begin = Clock::now();
      const auto receipt = store.append(message);
      const auto end = Clock::now();
      if (!receipt) throw tenon::Failure(receipt.error());
      const bool rolled = receipt->physical_offset.value / file_size != file;
      file = receipt->physical_offset.value / file_size;
      const std::int64_t place = receipt->physical_offset.value % file_size;
      const bool is_near = place < kNear || place >= file_size - kNear;
      (rolled ? rolling : is_near ? near : others).add(in_us(end - begin), before);
      while (in_us(Clock::now() - end) < static_cast<double>(arguments.pause_us)) {
      }
    }
  }
  print("appends that roll", rolling);
  print("appends near a roll", near);
  print("all others", others);
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!arguments.read(argc, argv)) {
    std::fprintf(stderr, "usage: roll_bench [--directory DIR] [--file-mib N] [--rolls N] [--body N] [--pause-us N]\n");
    return 2;
  }
  return run(arguments);
}
