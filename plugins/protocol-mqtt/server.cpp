// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/server.hpp"

#include <boost/asio/post.hpp>
#include <future>
#include <thread>
#include <utility>

#include "protocol-mqtt/transport/tcp_connection.hpp"

namespace tenon::protocol_mqtt {
namespace {

constexpr std::chrono::milliseconds kDrainPoll{5};

}  // namespace

Server::Server(Setup setup, std::shared_ptr<Hub> hub) : setup_(std::move(setup)), hub_(std::move(hub)) {}

Server::~Server() = default;

bool Server::anonymous_allowed_at(const HostAddress& address) const {
  if (setup_.anonymous == Anonymous::by_loopback) return address.is_loopback();
  return setup_.anonymous == Anonymous::always;
}

void Server::open() {
  for (const std::string& address : setup_.listen) {
    const auto allowed = std::make_shared<bool>(false);
    auto listener = std::make_shared<Listener>(hub_, address, [hub = hub_, allowed](auto socket, std::string remote) {
      return std::make_shared<TcpConnection>(*hub, std::move(socket), std::move(remote), *allowed);
    });
    *allowed = anonymous_allowed_at(listener->address());
    listeners_.push_back(std::move(listener));
  }
}

std::vector<HostAddress> Server::addresses() const {
  std::vector<HostAddress> addresses;
  for (const auto& listener : listeners_) addresses.push_back(listener->address());
  return addresses;
}

void Server::run_on_hub(const std::function<void()>& work) {
  std::promise<void> done;
  boost::asio::post(hub_->executor(), [&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

void Server::serve() {
  serving_ = true;
  run_on_hub([&] {
    hub_->start();
    for (const auto& listener : listeners_) listener->start();
  });
}

void Server::drain(std::chrono::steady_clock::time_point deadline) {
  if (!serving_) return;
  run_on_hub([&] {
    for (const auto& listener : listeners_) listener->stop();
  });
  while (std::chrono::steady_clock::now() < deadline) {
    bool idle = false;
    run_on_hub([&] { idle = hub_->idle(); });
    if (idle) break;
    std::this_thread::sleep_for(kDrainPoll);
  }
  run_on_hub([&] { hub_->stop(); });
}

void Server::stop() noexcept {
  if (!serving_) return;
  serving_ = false;
  run_on_hub([&] {
    for (const auto& listener : listeners_) listener->stop();
    hub_->stop();
  });
  run_on_hub([] {});  // what the closing posted
  listeners_.clear();
}

}  // namespace tenon::protocol_mqtt
