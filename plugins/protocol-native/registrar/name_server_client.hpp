// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "remoting/command.hpp"
#include "remoting/output_buffer.hpp"
#include "tenon/error.hpp"
#include "tenon/route_registrar.hpp"

namespace tenon::protocol_native {

/// "host:port" or "[v6]:port" in two. Error: invalid_parameter.
struct HostAndPort {
  std::string host;
  std::string port;
};
Result<HostAndPort> split_host_and_port(std::string_view address);

/// The broker's end of one connection to one name server. It is opened when the first request needs it, kept open,
/// because its end means to the name server that the broker is gone, and opened anew by the next request after it
/// broke. The name is resolved at each opening. After a request has timed out the connection is closed: it may be dead.
///
/// Threads: call() and close() from any thread; everything else happens on the executor, which one thread runs.
/// Ownership: pending operations keep the object alive; close() ends them all.
class NameServerClient : public std::enable_shared_from_this<NameServerClient> {
 public:
  struct Answer {
    RegistrationAnswer registration;
    std::string body;
    bool changed = false;  ///< Of QUERY_DATA_VERSION.
  };
  /// What is said with response code 0; else the remark as topic_not_exist or internal, or timed_out,
  /// disconnected, busy.
  using Answered = std::function<void(Result<Answer>)>;

  /// Asked on the executor for each new connection: nobody answers at its other end as yet, namely this process itself
  /// while it starts. The calls end with disconnected then, instead of waiting for it. Empty: never.
  using LeadsNowhere =
      std::function<bool(const boost::asio::ip::tcp::endpoint& from, const boost::asio::ip::tcp::endpoint& to)>;

  NameServerClient(boost::asio::any_io_executor executor, HostAndPort address, LeadsNowhere leads_nowhere = {});

  /// Sends the frame, a request with this opaque. `answered` runs exactly once, on the executor.
  void call(std::int32_t opaque, remoting::OutputBuffer frame, std::chrono::milliseconds timeout, Answered answered);
  void close();

 private:
  enum class State { closed, connecting, open };
  struct Waiting {
    Answered answered;
    std::unique_ptr<boost::asio::steady_timer> timer;
  };

  void enqueue(std::int32_t opaque, remoting::OutputBuffer frame, std::chrono::milliseconds timeout, Answered answered);
  void connect();
  void connected();
  void write_next();
  void read_more();
  void take_frames();
  void take_answer(const remoting::Command& answer);
  void time_out(std::int32_t opaque);
  /// Ends the connection and answers all that wait with disconnected.
  void disconnect(std::string_view reason);

  boost::asio::any_io_executor executor_;
  const HostAndPort address_;
  const LeadsNowhere leads_nowhere_;
  boost::asio::ip::tcp::resolver resolver_;
  /// A new one for each connection; handlers keep theirs and so find out that they are late.
  std::shared_ptr<boost::asio::ip::tcp::socket> socket_;
  State state_ = State::closed;
  std::deque<remoting::OutputBuffer> outgoing_;
  bool writing_ = false;
  std::map<std::int32_t, Waiting> waiting_;
  std::vector<std::byte> input_;
  std::size_t received_ = 0;
  remoting::Command command_;
};

}  // namespace tenon::protocol_native
