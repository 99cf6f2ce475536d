// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "bench/clock.hpp"
#include "bench/fleet.hpp"
#include "bench/loads.hpp"
#include "bench/queue_offsets.hpp"
#include "bench/window.hpp"
#include "tenon/text.hpp"

namespace tenon::bench {
namespace {

/// Each connection reads one queue from its beginning, and again from the beginning when it reached the end.
class PullLoad {
 public:
  PullLoad(const Options& options, Measurement& into, std::vector<QueueRange> queues)
      : options_(options), window_(options, into), queues_(std::move(queues)) {
    std::erase_if(queues_, [](const QueueRange& queue) { return queue.min_offset == queue.max_offset; });
  }

  Status run() {
    if (queues_.empty())
      return Error(Errc::query_not_found, text("topic ", options_.shape.topic, " holds no messages"));
    if (auto connected = fleet_.connect(options_.broker, options_.connections); !connected) return connected;
    readers_.resize(fleet_.size());
    last_answer_ns_ = now_ns();
    for (std::size_t i = 0; i < fleet_.size(); ++i) {
      readers_[i].queue = i % queues_.size();
      readers_[i].next = queues_[readers_[i].queue].min_offset;
      if (!pull(i, last_answer_ns_)) return gone();
    }
    for (std::int64_t now = now_ns(); !over(now); now = now_ns()) {
      for (const auto& event : fleet_.poller().wait(200'000'000)) {
        if (!serve(event.data.u32, event.events)) return gone();
      }
      window_.tick(now_ns());
      if (now_ns() - last_answer_ns_ > kSilenceMaxNs) return Error(Errc::timed_out, "no answer to a pull for 10 s");
    }
    window_.close(now_ns());
    return {};
  }

 private:
  struct Reader {
    std::size_t queue = 0;
    std::int64_t next = 0;
    std::int64_t started_ns = 0;
  };

  static Status gone() { return Error(Errc::disconnected, "the broker closed the connection"); }
  bool over(std::int64_t now) const noexcept {
    return window_.is_over(now) || (options_.requests > 0 && answered_ >= options_.requests);
  }

  bool pull(std::size_t index, std::int64_t now) {
    Reader& reader = readers_[index];
    PullShape shape;
    shape.topic = options_.shape.topic;
    shape.queue_id = queues_[reader.queue].queue_id;
    shape.queue_offset = reader.next;
    shape.messages_max = options_.pull_messages;
    reader.started_ns = now;
    fleet_[index].queue(pull_frame(shape));
    return fleet_.flush(index);
  }

  bool serve(std::size_t index, std::uint32_t events) {
    const auto take_one = [&](const Response& response, std::int64_t now) { return take(index, response, now); };
    return fleet_.serve(index, events, take_one) == Fleet::Served::well;
  }

  bool take(std::size_t index, const Response& response, std::int64_t now) {
    Reader& reader = readers_[index];
    const QueueRange& queue = queues_[reader.queue];
    last_answer_ns_ = now;
    ++answered_;
    const std::int64_t next = response.field("nextBeginOffset").value_or(reader.next);
    if (response.code == 0) {
      window_.answered(static_cast<std::uint64_t>(std::max<std::int64_t>(next - reader.next, 0)), response.body.size(),
                       now - reader.started_ns);
    } else if (response.code != 19 && response.code != 21) {
      window_.refused(response.code, response.remark());
    }
    reader.next = response.code == 0 && next < queue.max_offset ? next : queue.min_offset;
    return pull(index, now);
  }

  const Options& options_;
  Window window_;
  Fleet fleet_;
  std::vector<QueueRange> queues_;
  std::vector<Reader> readers_;
  std::uint64_t answered_ = 0;
  std::int64_t last_answer_ns_ = 0;
};

Status fill(const Options& options, std::int64_t present) {
  const auto wanted = static_cast<std::int64_t>(options.fill);
  if (present >= wanted) return {};
  Options filling = options;
  filling.connections = 8;
  filling.depth = 16;
  filling.warmup_seconds = 0;
  filling.rate = 0;
  filling.seconds = 0;
  filling.server_pid = 0;
  filling.quiet = true;
  filling.requests = static_cast<std::uint64_t>(wanted - present) / static_cast<std::uint64_t>(options.shape.batch) + 1;
  auto filled = run_send(filling);
  if (!filled) return filled.error();
  if (filled->requests < filling.requests) {
    return Error(Errc::internal,
                 text("the broker refused ", filling.requests - filled->requests, " of ", filling.requests,
                      " messages while the topic was filled: ", filled->first_refusal));
  }
  return {};
}

}  // namespace

Result<Measurement> run_pull(const Options& options) {
  auto queues = queue_ranges(options);
  if (!queues) return queues.error();
  std::int64_t present = 0;
  for (const QueueRange& queue : *queues) present += queue.max_offset - queue.min_offset;
  if (auto filled = fill(options, present); !filled) return filled.error();
  queues = queue_ranges(options);
  if (!queues) return queues.error();
  Result<Measurement> result{Measurement{}};
  result->mode = "pull";
  PullLoad load(options, *result, std::move(*queues));
  if (auto done = load.run(); !done) return done.error();
  return result;
}

}  // namespace tenon::bench
