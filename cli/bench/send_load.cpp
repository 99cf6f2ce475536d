// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <vector>

#include "bench/clock.hpp"
#include "bench/fleet.hpp"
#include "bench/loads.hpp"
#include "bench/window.hpp"
#include "tenon/text.hpp"

namespace tenon::bench {
namespace {

constexpr std::int64_t kIdle = 200'000'000;

/// The send loop. A slot is one request in flight: connection and place within its depth, which is its opaque.
class SendLoad {
 public:
  SendLoad(const Options& options, Measurement& into)
      : options_(options), frames_(options.shape, options.queues), window_(options, into) {}

  Status run() {
    if (auto connected = fleet_.connect(options_.broker, options_.connections); !connected) return connected;
    started_.resize(fleet_.size() * depth());
    begin_ns_ = last_answer_ns_ = now_ns();
    for (std::size_t slot = 0; slot < started_.size(); ++slot) release(slot, begin_ns_);
    for (std::size_t connection = 0; connection < fleet_.size(); ++connection) {
      if (!fleet_.flush(connection)) return gone();
    }
    while (!over_) {
      if (auto turned = turn(); !turned) return turned;
    }
    window_.close(now_ns());
    return {};
  }

 private:
  std::size_t depth() const noexcept { return static_cast<std::size_t>(options_.depth); }
  static Status gone() { return Error(Errc::disconnected, "the broker closed the connection"); }

  Status turn() {
    const auto events = fleet_.poller().wait(patience());
    for (const auto& event : events) {
      if (!serve(event.data.u32, event.events)) return failure_.code() ? Status(failure_) : gone();
    }
    const std::int64_t now = now_ns();
    window_.tick(now);
    if (options_.rate > 0 && !issue_due(now)) return gone();
    if (window_.is_over(now) || (options_.requests > 0 && answered_ >= options_.requests)) over_ = true;
    if (now - last_answer_ns_ > kSilenceMaxNs && in_flight_ > 0) {
      return Error(Errc::timed_out, text("no answer for 10 s with ", in_flight_, " requests in flight"));
    }
    return {};
  }

  /// Reads the answers of one connection and puts new requests in their places.
  bool serve(std::size_t connection, std::uint32_t events) {
    const auto take_one = [&](const Response& response, std::int64_t now) { return take(connection, response, now); };
    const Fleet::Served served = fleet_.serve(connection, events, take_one);
    if (served == Fleet::Served::malformed) return fail(Errc::corrupt, "an answer is not a remoting frame");
    return served == Fleet::Served::well;
  }

  bool take(std::size_t connection, const Response& response, std::int64_t now) {
    const auto place = static_cast<std::size_t>(response.opaque - kFirstOpaque);
    if (response.opaque < kFirstOpaque || place >= depth())
      return fail(Errc::corrupt, "an answer has an opaque nobody sent");
    const std::size_t slot = connection * depth() + place;
    last_answer_ns_ = now;
    --in_flight_;
    ++answered_;
    if (response.code == 0) {
      const auto messages = static_cast<std::uint64_t>(options_.shape.batch);
      window_.answered(messages, messages * static_cast<std::uint64_t>(options_.shape.body_bytes),
                       now - started_[slot]);
    } else {
      window_.refused(response.code, response.remark());
    }
    return release(slot, now);
  }

  /// The slot may carry the next request: now, or when the rate says so.
  bool release(std::size_t slot, std::int64_t now) {
    if (options_.rate > 0) {
      free_.push_back(slot);
      return true;
    }
    return issue(slot, now);
  }

  bool issue(std::size_t slot, std::int64_t intended) {
    if (options_.requests > 0 && issued_ >= options_.requests) return true;
    SendFrame& frame = frames_.of(issued_);
    frame.address(kFirstOpaque + static_cast<std::int32_t>(slot % depth()));
    frame.number(static_cast<std::uint32_t>(issued_ * static_cast<std::uint64_t>(options_.shape.batch)));
    fleet_[slot / depth()].queue(frame.bytes());
    started_[slot] = intended;
    ++issued_;
    ++in_flight_;
    return !options_.unbatched || fleet_.flush(slot / depth());
  }

  std::int64_t due_ns(std::uint64_t request) const noexcept {
    return begin_ns_ +
           static_cast<std::int64_t>(static_cast<double>(request) * options_.shape.batch * 1e9 / options_.rate);
  }

  bool issue_due(std::int64_t now) {
    while (!free_.empty() && due_ns(issued_) <= now && (options_.requests == 0 || issued_ < options_.requests)) {
      const std::size_t slot = free_.back();
      free_.pop_back();
      if (!issue(slot, due_ns(issued_)) || !fleet_.flush(slot / depth())) return false;
    }
    return true;
  }

  std::int64_t patience() const noexcept {
    if (options_.rate <= 0 || free_.empty()) return kIdle;
    return std::min(kIdle, due_ns(issued_) - now_ns());
  }

  bool fail(Errc code, const char* what) {
    failure_ = Error(code, what);
    return false;
  }

  const Options& options_;
  SendFrames frames_;
  Window window_;
  Fleet fleet_;
  std::vector<std::int64_t> started_;  ///< By slot.
  std::vector<std::size_t> free_;      ///< Slots, when a rate is set.
  std::uint64_t issued_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t in_flight_ = 0;
  std::int64_t begin_ns_ = 0;
  std::int64_t last_answer_ns_ = 0;
  bool over_ = false;
  Error failure_;
};

}  // namespace

Result<std::string> create_topic(const Options& options) {
  auto channel = Channel::open(options.broker);
  if (!channel) return channel.error();
  const auto answer = channel->call(create_topic_frame(options.shape.topic, options.queues, kFirstOpaque), 5000);
  if (!answer) return answer.error();
  if (answer->code == 0) return std::string();
  return text("create topic ", options.shape.topic, ": code ", answer->code, " ", answer->remark());
}

Result<Measurement> run_send(const Options& options) {
  Result<Measurement> result{Measurement{}};
  result->mode = "send";
  SendLoad load(options, *result);
  if (auto done = load.run(); !done) return done.error();
  return result;
}

}  // namespace tenon::bench
