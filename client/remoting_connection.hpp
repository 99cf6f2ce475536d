// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "client/remoting_client.hpp"
#include "remoting/command.hpp"
#include "remoting/output_buffer.hpp"

namespace tenon::client {

/// One TCP connection of a RemotingClient, from the first connect attempt to its end; it is never revived.
/// Threads: the I/O thread of its executor only.
class RemotingConnection : public std::enable_shared_from_this<RemotingConnection> {
 public:
  using Push = std::function<std::optional<Reply>(const Reply& push)>;

  RemotingConnection(const boost::asio::any_io_executor& executor, std::string address, const RemotingOptions& options,
                     Push push);

  /// Starts connecting. Calls may be made at once; they wait.
  void open();
  bool is_closed() const noexcept { return state_ == State::closed; }
  void call(const Request& request, Milliseconds timeout, RemotingClient::Callback callback);
  void send_oneway(const Request& request);
  /// Fails everything in flight with `reason`. Idempotent.
  void close(const Error& reason);

 private:
  enum class State { connecting, open, closed };
  struct Call {
    explicit Call(const boost::asio::any_io_executor& executor) : timer(executor) {}
    boost::asio::steady_timer timer;
    RemotingClient::Callback callback;
  };

  void connect(const boost::asio::ip::tcp::resolver::results_type& found);
  void connected();
  void read_more();
  void take_frames();
  void take(const remoting::FrameView& frame);
  void answer_push();
  void finish(std::int32_t opaque, Result<Reply> outcome);
  void write_more();
  std::int32_t next_opaque() noexcept;

  std::string address_;
  const RemotingOptions options_;
  Push push_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer connect_timer_;
  State state_ = State::connecting;
  std::int32_t opaque_ = 0;
  std::unordered_map<std::int32_t, std::unique_ptr<Call>> calls_;  ///< By opaque.
  std::vector<std::byte> in_;
  std::size_t in_size_ = 0;
  remoting::Command command_;
  remoting::OutputBuffer unsent_;
  remoting::OutputBuffer sending_;  ///< Lent to the write in progress.
  bool writing_ = false;
};

}  // namespace tenon::client
