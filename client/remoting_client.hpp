// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "client/request.hpp"
#include "tenon/error.hpp"

namespace tenon::client {

using Milliseconds = std::chrono::milliseconds;

struct RemotingOptions {
  Milliseconds connect_timeout{3000};
  std::size_t in_flight_max = 65'536;               ///< Per connection; beyond it calls fail with busy.
  std::size_t unsent_bytes_max = 64 * 1024 * 1024;  ///< Per connection; beyond it calls fail with busy.
};

/// Speaks remoting with any number of servers: one connection per address, made when first used and again after it
/// broke.
///
/// Requests are matched with answers by opaque, so any number may be in flight; each has its own deadline. A lost
/// connection fails everything in flight on it.
/// Threads: all members may be called from any thread; callbacks run on the client's one I/O thread and must not block.
/// Errors: timed_out, disconnected (cannot connect, connection lost; the text says which), busy, shutting_down.
/// A code other than 0 in the answer is not an error here.
class RemotingClient {
 public:
  using Callback = std::function<void(Result<Reply>)>;
  /// A request from the server. Its answer is sent unless the request was oneway; nothing means "code not supported".
  using PushHandler = std::function<std::optional<Reply>(const std::string& address, const Reply& push)>;

  explicit RemotingClient(RemotingOptions options = {});
  /// Fails what is in flight with shutting_down and joins the I/O thread. Not from a callback.
  ~RemotingClient();
  RemotingClient(const RemotingClient&) = delete;
  RemotingClient& operator=(const RemotingClient&) = delete;

  /// Sends `request` to "host:port" and calls back once, whatever happens.
  void call(const std::string& address, Request request, Milliseconds timeout, Callback callback);
  /// The same, waiting. Not from a callback.
  Result<Reply> call(const std::string& address, Request request, Milliseconds timeout);
  /// Sends without asking for an answer. Nothing tells whether it arrived.
  void send_oneway(const std::string& address, Request request);
  /// Set before the first call.
  void on_push(PushHandler handler);

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace tenon::client
