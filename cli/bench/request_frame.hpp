// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::bench {

/// Opaques of load requests start here: always ten digits, so they can be patched in place.
inline constexpr std::int32_t kFirstOpaque = 1'000'000'000;

/// What the messages of a run look like.
struct MessageShape {
  std::string topic = "TenonBench";
  std::string group = "tenon_bench_producer";
  int body_bytes = 128;
  int batch = 1;  ///< Messages per request; above 1 the request is SEND_BATCH_MESSAGE (320).
};

/// A send request built once and sent many times; only the counters inside its UNIQ_KEYs change.
///
/// The header is the one a Java 5.4.0 client writes, 418 bytes with the default shape, so a broker parses and stores
/// what it would in real life. Source: ../shared/golden/wire, java-5.4.0-producer, code 310 and 320;
/// remoting-protocol.md 1.1, 2a.1, 4.6.
class SendFrame {
 public:
  SendFrame(const MessageShape& shape, int queue_id);

  /// Sets the opaque, ten digits: at least kFirstOpaque.
  void address(std::int32_t opaque) noexcept;
  /// Gives every message a new UNIQ_KEY: its last eight digits are `counter`, `counter` + 1, ...
  void number(std::uint32_t counter) noexcept;
  /// Sends it to another queue, whose number has as many digits as that of the queue it was made for.
  void readdress(int queue_id) noexcept;
  std::string_view bytes() const noexcept { return bytes_; }
  std::size_t header_bytes() const noexcept { return header_bytes_; }
  /// Writable start of the first message's body (of `body_bytes`, shared by all messages of a batch only in content).
  char* body() noexcept { return bytes_.data() + first_body_; }

 private:
  std::string bytes_;
  std::vector<std::size_t> counters_;  ///< Offsets of the eight hexadecimal digits.
  std::size_t header_bytes_ = 0;
  std::size_t opaque_ = 0;
  std::size_t queue_id_ = 0;
  std::size_t first_body_ = 0;
};

/// The send requests of a run to each of its queues. A frame for each length of a queue's number, so that a message to
/// one of 50,000 queues costs the generator, which shares the machine with the broker, what it costs to one of eight.
class SendFrames {
 public:
  SendFrames(const MessageShape& shape, int queues);
  /// The request number `request` of the run: requests go round the queues. Good until the next call.
  SendFrame& of(std::uint64_t request) noexcept;

 private:
  std::uint64_t queues_;
  std::vector<SendFrame> by_digits_;
};

/// Frames `header` (JSON) and `body`.
std::string frame_of(std::string_view header, std::string_view body = {});

/// PULL_MESSAGE (11) as a tool sends it: the subscription is in the request, no group registration is needed.
struct PullShape {
  std::string topic;
  int queue_id = 0;
  std::int64_t queue_offset = 0;
  int messages_max = 32;
  std::int64_t suspend_ms = 0;  ///< 0: answer at once; else the broker may hold the request this long.
  std::int32_t opaque = kFirstOpaque;
};
std::string pull_frame(const PullShape& shape);

/// UPDATE_AND_CREATE_TOPIC (17), permissions 6.
std::string create_topic_frame(std::string_view topic, int queues, std::int32_t opaque);
/// GET_MAX_OFFSET (30) or GET_MIN_OFFSET (31).
std::string queue_offset_frame(int code, std::string_view topic, int queue_id, std::int32_t opaque);

}  // namespace tenon::bench
