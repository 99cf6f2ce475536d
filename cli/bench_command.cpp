// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "address_check.hpp"
#include "bench/loads.hpp"
#include "bench/report.hpp"
#include "command.hpp"

namespace tenon::cli {
namespace {

struct BenchOptions {
  bench::Options load;
  bool json = false;
  bool no_create = false;
};

using Load = Result<bench::Measurement> (*)(const bench::Options&);

ExitCode run_load(BenchOptions& options, Load load) {
  if (options.json) options.load.quiet = true;
  if (!options.no_create) {
    const auto refusal = bench::create_topic(options.load);
    if (!refusal) throw Failure(refusal.error());
    // A broker without topic administration may still take messages: the load will tell.
    if (!refusal->empty()) std::fprintf(stderr, "tenon bench: %s; trying without\n", refusal->c_str());
  }
  const auto measured = load(options.load);
  if (!measured) throw Failure(measured.error());
  const std::string report =
      options.json ? bench::json_report(options.load, *measured) + "\n" : bench::text_report(options.load, *measured);
  std::fputs(report.c_str(), stdout);
  const bool good = measured->messages > 0 && measured->refusals.empty() && measured->lost == 0;
  return good ? ExitCode::ok : ExitCode::failure;
}

void add_common_options(CLI::App& command, BenchOptions& options) {
  bench::Options& load = options.load;
  command.add_option("-b,--broker", load.broker, "Broker, host:port")->check(is_address())->capture_default_str();
  command.add_option("-t,--topic", load.shape.topic, "Topic; created if the broker allows it")->capture_default_str();
  command.add_flag("--no-create", options.no_create, "Do not create the topic first");
  command.add_option("--queues", load.queues, "Queues of the topic")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  command.add_option("--body", load.shape.body_bytes, "Body, bytes")
      ->check(CLI::Range(0, 4 * 1024 * 1024))
      ->capture_default_str();
  command.add_option("--duration", load.seconds, "Seconds to measure; default 5, or no limit with --requests")
      ->check(CLI::Range(0.01, 86400.0));
  command.add_option("--warmup", load.warmup_seconds, "Seconds before that")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  command.add_option("--pid", load.server_pid, "Process of the server, to report its CPU time per message");
  command.add_flag("--json", options.json, "Print one JSON object, no progress");
  command.add_flag("-q,--quiet", load.quiet, "No progress lines");
}

void add_connections(CLI::App& command, BenchOptions& options) {
  command.add_option("-k,--connections", options.load.connections, "Connections")
      ->check(CLI::Range(1, 20000))
      ->capture_default_str();
  command.add_option("--requests", options.load.requests,
                     "Stop after this many requests, if --duration is not over before");
}

void add_send(CommandSet& commands, CLI::App& bench) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App& send = commands.add(bench, "send", "Send messages as fast as answers come, or at a rate",
                                "tenon bench send -b 127.0.0.1:10911 -k 64 -d 1 --pid $(pidof tenon)",
                                [options] { return run_load(*options, bench::run_send); });
  add_common_options(send, *options);
  add_connections(send, *options);
  send.add_option("-d,--depth", options->load.depth, "Requests in flight per connection")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  send.add_option("--batch", options->load.shape.batch, "Messages per request")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  send.add_flag("--unbatched", options->load.unbatched, "One write per request, as the Java client does");
  send.add_option("--rate", options->load.rate,
                  "Messages per second, whatever the answers take (open loop); 0 = no limit")
      ->check(CLI::NonNegativeNumber);
}

void add_pull(CommandSet& commands, CLI::App& bench) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App& pull = commands.add(bench, "pull", "Pull messages from the beginning, over and over",
                                "tenon bench pull -b 127.0.0.1:10911 -k 8 --fill 200000",
                                [options] { return run_load(*options, bench::run_pull); });
  add_common_options(pull, *options);
  add_connections(pull, *options);
  pull.add_option("--messages", options->load.pull_messages, "Messages per pull")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  pull.add_option("--fill", options->load.fill, "Send first, until the topic holds this many messages")
      ->capture_default_str();
}

void add_e2e(CommandSet& commands, CLI::App& bench) {
  auto options = std::make_shared<BenchOptions>();
  options->load.rate = 1000;
  CLI::App& e2e = commands.add(bench, "e2e", "Latency from intended send to receipt by long poll, at a fixed rate",
                               "tenon bench e2e -b 127.0.0.1:10911 --rate 1000 --duration 10",
                               [options] { return run_load(*options, bench::run_e2e); });
  add_common_options(e2e, *options);
  e2e.add_option("--rate", options->load.rate, "Messages per second")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

}  // namespace

void add_bench_command(CommandSet& commands) {
  CLI::App& bench = commands.add_group("bench", "Load a RocketMQ-compatible broker and measure it",
                                       "tenon bench send -b 127.0.0.1:10911 --duration 10");
  add_send(commands, bench);
  add_pull(commands, bench);
  add_e2e(commands, bench);
}

}  // namespace tenon::cli
