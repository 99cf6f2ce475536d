// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "client/request.hpp"
#include "remoting/command.hpp"

namespace tenon::client {

/// A server for tests: a thread per connection, answers from a function.
class FakeServer {
 public:
  /// Nothing: no answer is sent. Runs on connection threads; may be called for several at once.
  using Handler = std::function<std::optional<Reply>(const Reply& request)>;

  explicit FakeServer(Handler handler);
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  std::string address() const;
  /// Sends a oneway request to every open connection.
  void push(const Request& request);
  /// Ends every open connection; new ones are accepted.
  void hang_up();

 private:
  struct Peer {
    explicit Peer(boost::asio::ip::tcp::socket open) : socket(std::move(open)) {}
    boost::asio::ip::tcp::socket socket;
    std::thread thread;
  };
  void accept();
  void serve(Peer& peer);
  void write(Peer& peer, const remoting::OutputBuffer& out);

  Handler handler_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::mutex mutex_;
  std::list<Peer> peers_;  ///< Guarded by mutex_.
  bool stopping_ = false;  ///< Guarded by mutex_.
  std::thread thread_;
};

/// An answer with code 0 and these fields.
Reply success(std::vector<std::pair<std::string, std::string>> fields = {}, std::string body = {});
Reply refusal(std::int32_t code, std::string remark);

}  // namespace tenon::client
