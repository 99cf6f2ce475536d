// SPDX-License-Identifier: Apache-2.0
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "bench/clock.hpp"
#include "bench/fleet.hpp"
#include "bench/loads.hpp"
#include "bench/queue_offsets.hpp"
#include "bench/record_bodies.hpp"
#include "bench/window.hpp"
#include "tenon/text.hpp"

namespace tenon::bench {
namespace {

constexpr std::size_t kProducer = 0, kConsumer = 1;  // the two connections
constexpr std::int64_t kSuspendMs = 15'000;
constexpr std::int64_t kStragglers = 2'000'000'000;  // how long late messages are waited for

/// What the body of every message begins with: when it should have been sent, and by which run.
struct Stamp {
  std::int64_t intended_ns;
  std::int64_t run;
};

class EndToEndLoad {
 public:
  EndToEndLoad(const Options& options, Measurement& into)
      : options_(options),
        into_(into),
        frames_(options.shape, options.queues),
        window_(options, into),
        run_(now_ns() ^ (std::int64_t{getpid()} << 40)) {}

  Status run(const std::vector<QueueRange>& queues) {
    if (auto connected = fleet_.connect(options_.broker, 2); !connected) return connected;
    for (const QueueRange& queue : queues) next_.push_back(queue.max_offset);
    for (std::size_t queue = 0; queue < next_.size(); ++queue) pull(queue);
    if (!fleet_.flush(kConsumer)) return gone();
    begin_ns_ = now_ns() + 50'000'000;  // the pulls are parked by then
    const std::int64_t stop = begin_ns_ + ns_of(options_.warmup_seconds + options_.window_seconds());
    while (now_ns() < stop + kStragglers && !(now_ns() >= stop && received_ >= sent_)) {
      if (!turn(stop)) return failure_.code() ? Status(failure_) : gone();
    }
    window_.close(std::min(now_ns(), stop));
    into_.lost = sent_ - std::min(received_, sent_);
    return {};
  }

 private:
  static Status gone() { return Error(Errc::disconnected, "the broker closed the connection"); }
  std::int64_t due_ns(std::uint64_t message) const noexcept {
    return begin_ns_ + static_cast<std::int64_t>(static_cast<double>(message) * 1e9 / options_.rate);
  }

  bool turn(std::int64_t stop) {
    const bool sending = due_ns(sent_) < stop;
    for (const auto& event : fleet_.poller().wait(sending ? due_ns(sent_) - now_ns() : 100'000'000)) {
      if (!serve(event.data.u32, event.events)) return false;
    }
    bool queued = false;
    for (const std::int64_t now = now_ns(); due_ns(sent_) <= now && due_ns(sent_) < stop; queued = true) send();
    window_.tick(now_ns());
    return !queued || fleet_.flush(kProducer);
  }

  void send() {
    SendFrame& frame = frames_.of(sent_);
    const Stamp stamp{due_ns(sent_), run_};
    std::memcpy(frame.body(), &stamp, sizeof stamp);
    frame.address(kFirstOpaque + static_cast<std::int32_t>(sent_ % 1'000'000));
    frame.number(static_cast<std::uint32_t>(sent_));
    fleet_[kProducer].queue(frame.bytes());
    ++sent_;
  }

  void pull(std::size_t queue) {
    PullShape shape;
    shape.topic = options_.shape.topic;
    shape.queue_id = static_cast<int>(queue);
    shape.queue_offset = next_[queue];
    shape.messages_max = options_.pull_messages;
    shape.suspend_ms = kSuspendMs;
    shape.opaque = kFirstOpaque + static_cast<std::int32_t>(queue);
    fleet_[kConsumer].queue(pull_frame(shape));
  }

  bool serve(std::size_t index, std::uint32_t events) {
    const auto take = [&](const Response& response, std::int64_t now) {
      if (index != kProducer) return take_pull(response, now);
      if (response.code != 0) refused(response);
      return true;
    };
    return fleet_.serve(index, events, take) == Fleet::Served::well;
  }

  void refused(const Response& response) {
    window_.refused(response.code, response.remark());
    ++received_;  // will never come
  }

  bool take_pull(const Response& response, std::int64_t now) {
    const auto queue = static_cast<std::size_t>(response.opaque - kFirstOpaque);
    if (queue >= next_.size()) return false;
    if (response.code == 0) for_each_body(response.body, [&](std::string_view body) { take_message(body, now); });
    if (response.code != 0 && response.code != 19 && response.code != 20 && response.code != 21) {
      failure_ = Error(Errc::internal, text("a pull was refused: code ", response.code, " ", response.remark()));
      return false;
    }
    next_[queue] = response.field("nextBeginOffset").value_or(next_[queue]);
    pull(queue);
    return true;
  }

  void take_message(std::string_view body, std::int64_t now) {
    Stamp stamp{};
    if (body.size() < sizeof stamp) return;
    std::memcpy(&stamp, body.data(), sizeof stamp);
    if (stamp.run != run_) return;  // somebody else's
    ++received_;
    const auto begin = begin_ns_ + ns_of(options_.warmup_seconds);
    if (stamp.intended_ns >= begin) window_.answered(1, body.size(), now - stamp.intended_ns);
  }

  const Options& options_;
  Measurement& into_;
  SendFrames frames_;
  Window window_;
  Fleet fleet_;
  std::vector<std::int64_t> next_;  ///< Per queue: where to pull.
  std::int64_t run_;
  std::int64_t begin_ns_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  Error failure_;
};

}  // namespace

Result<Measurement> run_e2e(const Options& given) {
  Options options = given;
  if (options.rate <= 0) options.rate = 1000;
  options.shape.batch = 1;
  options.shape.body_bytes = std::max(options.shape.body_bytes, static_cast<int>(sizeof(Stamp)));
  options.warmup_seconds =
      std::max(options.warmup_seconds, options.window_seconds() / 9);  // the first tenth of the whole
  prctl(PR_SET_TIMERSLACK, 1);                                         // default 50 us would count as latency
  const auto queues = queue_ranges(options);
  if (!queues) return queues.error();
  Result<Measurement> result{Measurement{}};
  result->mode = "e2e";
  EndToEndLoad load(options, *result);
  if (auto done = load.run(*queues); !done) return done.error();
  return result;
}

}  // namespace tenon::bench
