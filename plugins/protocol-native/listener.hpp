// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string_view>
#include <vector>

#include "protocol-native/net_loop.hpp"
#include "tenon/accept_loop.hpp"

namespace tenon::protocol_native {

/// One listening socket. Deals its connections out to the loops in turn. Beyond the limit of connections a new one is
/// closed at once.
/// Ownership: borrows the loops. Threads: as AcceptLoop, on the first loop's.
class Listener final : public AcceptLoop::Receiver {
 public:
  /// Throws as AcceptLoop does.
  Listener(std::string_view address, std::vector<std::unique_ptr<NetLoop>>& loops);

  void start() { accepts_.start(); }
  void stop() noexcept { accepts_.stop(); }
  const HostAddress& address() const noexcept { return accepts_.address(); }

 private:
  boost::asio::any_io_executor next_executor() override;
  void accepted(boost::asio::ip::tcp::socket socket, const HostAddress& remote) override;

  std::vector<std::unique_ptr<NetLoop>>& loops_;
  std::size_t dealt_ = 0;
  NetLoop* next_loop_ = nullptr;
  AcceptLoop accepts_;
};

}  // namespace tenon::protocol_native
