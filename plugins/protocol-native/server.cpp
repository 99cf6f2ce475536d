// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/server.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>
#include <utility>

#include "protocol-native/connection.hpp"
#include "tenon/listening.hpp"

namespace tenon::protocol_native {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::milliseconds kDrainPoll{5};

}  // namespace

Server::Server(Settings settings, const BrokerServices& services, const Logger& log,
               const std::vector<boost::asio::any_io_executor>& executors,
               const std::vector<boost::asio::any_io_executor>& catch_up_executors)
    : state_(std::move(settings), services, log) {
  for (const auto& executor : executors) loops_.push_back(std::make_unique<NetLoop>(executor, state_));
  for (const auto& executor : catch_up_executors) {
    catch_up_loops_.push_back(std::make_unique<NetLoop>(executor, state_));
  }
  if (catch_up_loops_.empty()) return;
  for (std::size_t index = 0; index < loops_.size(); ++index) {
    loops_[index]->set_catch_up_loop(catch_up_loops_[index % catch_up_loops_.size()].get());
  }
}

Server::~Server() = default;

std::vector<NetLoop*> Server::all_loops() const {
  std::vector<NetLoop*> all;
  for (const auto* some : {&loops_, &catch_up_loops_}) {
    for (const auto& loop : *some) all.push_back(loop.get());
  }
  return all;
}

void Server::open() {
  for (const std::string& address : state_.settings.listen) {
    listeners_.push_back(std::make_unique<Listener>(address, loops_));
  }
}

std::vector<HostAddress> Server::addresses() const {
  std::vector<HostAddress> addresses;
  for (const auto& listener : listeners_) addresses.push_back(listener->address());
  return addresses;
}

bool Server::is_reached_by(const tcp::endpoint& from, const tcp::endpoint& to) const {
  return std::ranges::any_of(listeners_, [&](const auto& listener) {
    const HostAddress& listens = listener->address();
    if (listens.port() != to.port()) return false;
    return listens.is_unspecified() ? from.address() == to.address() : listens == host_address_of(to);
  });
}

void Server::run_on(NetLoop& loop, const std::function<void()>& work) {
  std::promise<void> done;
  boost::asio::post(loop.executor(), [&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

void Server::serve() {
  serving_ = true;
  for (NetLoop* const loop : all_loops()) run_on(*loop, [&] { loop->start(); });
  run_on(*loops_.front(), [&] {
    for (const auto& listener : listeners_) listener->start();
  });
}

void Server::drain(std::chrono::steady_clock::time_point deadline) {
  if (!serving_) return;
  state_.draining = true;
  run_on(*loops_.front(), [&] {
    for (const auto& listener : listeners_) listener->stop();
  });
  // Twice: the first time a connection may have been on its way from a loop to one that had been asked.
  for (int idle = 0; idle < 2 && std::chrono::steady_clock::now() < deadline;) {
    std::int64_t busy = 0;
    for (NetLoop* const loop : all_loops()) run_on(*loop, [&] { busy += loop->busy_requests(); });
    idle = busy == 0 ? idle + 1 : 0;
    if (busy != 0) std::this_thread::sleep_for(kDrainPoll);
  }
}

void Server::stop() noexcept {
  if (!serving_) return;
  run_on(*loops_.front(), [&] {
    for (const auto& listener : listeners_) listener->stop();
  });
  for (NetLoop* const loop : all_loops()) run_on(*loop, [&] { loop->stop(); });
  // What the closing posted (failed calls, a last turn), and connections that were going home, still refer to the
  // loops.
  for (NetLoop* const loop : all_loops()) run_on(*loop, [] {});
  listeners_.clear();
  serving_ = false;  // last: whoever reads it on another thread looks at the listeners then
}

}  // namespace tenon::protocol_native
