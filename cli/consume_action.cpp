// SPDX-License-Identifier: Apache-2.0
#include "consume_action.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <map>
#include <mutex>

#include "client/push_consumer.hpp"
#include "masters.hpp"
#include "sql92/compile.hpp"

namespace tenon::cli {
namespace {

namespace asio = boost::asio;

client::ConsumerOptions consumer_options(const ConsumeOptions& options) {
  client::ConsumerOptions out;
  out.registered = !options.group.empty();
  out.group = out.registered ? options.group : "TOOLS_CONSUMER";
  const bool everything = !out.registered || options.broadcasting;
  out.model = everything ? client::MessageModel::broadcasting : client::MessageModel::clustering;
  out.from = options.from_beginning ? client::ConsumeFromWhere::first_offset : client::ConsumeFromWhere::last_offset;
  // A group commits whole batches: with one message at a time nothing is committed that was not printed.
  if (options.count > 0 && !everything) out.pull_batch = 1;
  return out;
}

/// Where the main thread waits for the end.
class Finish {
 public:
  explicit Finish(double timeout_seconds) : signals_(io_, SIGINT, SIGTERM), timer_(io_) {
    signals_.async_wait([this](const boost::system::error_code& cancelled, int) {
      if (!cancelled) io_.stop();
    });
    if (timeout_seconds <= 0) return;
    timer_.expires_after(std::chrono::microseconds(static_cast<std::int64_t>(timeout_seconds * 1e6)));
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
      timed_out_ = !cancelled;
      io_.stop();
    });
  }
  /// Any thread.
  void now() { io_.stop(); }
  /// Returns whether the time was over.
  bool wait() {
    io_.run();
    return timed_out_;
  }

 private:
  asio::io_context io_{1};
  asio::signal_set signals_;
  asio::steady_timer timer_;
  bool timed_out_ = false;
};

/// Says a problem once, and again every ten seconds while it lasts: a broker that is away is tried many times a second.
/// Threads: any.
class Complaints {
 public:
  void say(const std::string& problem) {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    if (said_.size() >= kKept) said_.clear();
    const auto [at, is_new] = said_.try_emplace(problem, now);
    if (!is_new && now - at->second < std::chrono::seconds(10)) return;
    at->second = now;
    std::fprintf(stderr, "tenon consume: %s\n", problem.c_str());
  }

 private:
  static constexpr std::size_t kKept = 64;
  std::mutex mutex_;
  std::map<std::string, std::chrono::steady_clock::time_point> said_;
};

void subscribe(client::PushConsumer& consumer, const ConsumeOptions& options) {
  if (options.sql) {
    consumer.subscribe(options.topic, *options.sql, "SQL92");
  } else {
    consumer.subscribe(options.topic, options.expression, options.expression_type);
  }
}

/// Prints messages until there were as many as were asked for. Threads: the one of the consumer that consumes, until it
/// has been shut down.
class Printer {
 public:
  explicit Printer(const ConsumeOptions& options) : options_(options) {}

  bool is_done() const { return options_.count > 0 && printed_ >= options_.count; }
  std::uint64_t printed() const { return printed_; }

  void print(const std::vector<client::MessageExt>& messages) {
    for (const client::MessageExt& message : messages) {
      if (is_done()) break;
      const std::string line = text_of(message, options_.form);
      std::fwrite(line.data(), 1, line.size(), stdout);
      ++printed_;
    }
    std::fflush(stdout);
  }

 private:
  const ConsumeOptions& options_;
  std::uint64_t printed_ = 0;
};

}  // namespace

ExitCode consume_messages(const ConsumeOptions& options) {
  if (options.sql) {
    if (const auto program = sql92::compile(*options.sql); !program) {
      std::fprintf(stderr, "tenon consume: --sql: %s\n", program.error().message().c_str());
      return ExitCode::usage;
    }
  }
  client::ClientInstance instance(client_of(options.name_servers));
  Finish finish(options.timeout_seconds);
  Complaints complaints;
  Printer printer(options);
  client::PushConsumer consumer(instance, consumer_options(options));
  subscribe(consumer, options);
  consumer.on_problem([&complaints](const Error& error) { complaints.say(error.message()); });
  if (const auto route = instance.route_of(options.topic); !route && route.error().is(Errc::topic_not_exist)) {
    std::fprintf(stderr, "tenon consume: there is no topic '%s' yet; waiting for it\n", options.topic.c_str());
  }
  consumer
      .start([&](const std::vector<client::MessageExt>& messages) {
        if (printer.is_done()) return client::ConsumeStatus::suspend_current_queue_a_moment;
        printer.print(messages);
        if (printer.is_done()) finish.now();
        return client::ConsumeStatus::success;
      })
      .value();
  const bool timed_out = finish.wait();
  consumer.shutdown();
  if (!timed_out || printer.printed() >= options.count) return ExitCode::ok;
  std::fprintf(stderr, "tenon consume: %llu of %llu messages came within %g s\n",
               static_cast<unsigned long long>(printer.printed()), static_cast<unsigned long long>(options.count),
               options.timeout_seconds);
  return ExitCode::failure;
}

}  // namespace tenon::cli
