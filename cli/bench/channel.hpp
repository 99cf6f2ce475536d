// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/response.hpp"
#include "tenon/error.hpp"

namespace tenon::bench {

/// One non-blocking TCP connection of the generator with its two buffers.
/// Threads: one. Owns the descriptor.
class Channel {
 public:
  /// Connects (blocking, at most 3 s) to "host:port"; TCP_NODELAY is set as every RocketMQ client does.
  static Result<Channel> open(const std::string& address);
  Channel(Channel&& other) noexcept;
  Channel& operator=(Channel&&) = delete;
  ~Channel();

  int descriptor() const noexcept { return descriptor_; }

  /// Appends to what the next flush() writes.
  void queue(std::string_view bytes) { out_.append(bytes); }
  /// Writes as much as the socket takes. false: the connection is gone. See wants_write().
  bool flush();
  bool wants_write() const noexcept { return out_begin_ < out_.size(); }

  /// Reads once. false: the connection is gone.
  bool fill();
  /// Takes the next whole answer out of what was read; the views hold until the next fill().
  ResponseReader::Outcome next(Response& response);

  /// Sends one request and waits for its answer, for set-up. Use only while nothing else is in flight.
  Result<Response> call(std::string_view frame, int timeout_ms);

 private:
  explicit Channel(int descriptor);
  int descriptor_;
  ResponseReader reader_;
  std::string in_;  ///< Capacity; [in_begin_, in_end_) is unread.
  std::size_t in_begin_ = 0;
  std::size_t in_end_ = 0;
  std::string out_;
  std::size_t out_begin_ = 0;
};

}  // namespace tenon::bench
