// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/server.hpp"

#include <boost/asio/post.hpp>
#include <future>
#include <memory>
#include <thread>
#include <utility>

namespace tenon::protocol_mqtt {
namespace {

constexpr std::chrono::milliseconds kDrainPoll{5};

}  // namespace

Server::Server(Setup setup, std::shared_ptr<Hub> hub) : setup_(std::move(setup)), hub_(std::move(hub)) {}

Server::~Server() = default;

void Server::open() {
  for (const ListenerSettings& settings : setup_.listeners) {
    listeners_.push_back(std::make_unique<Listener>(hub_, settings));
  }
}

std::vector<Error> Server::read_certificates_again() {
  std::vector<Error> problems;
  for (const auto& listener : listeners_) {
    auto tls = listener->read_certificates();
    if (!tls) {
      problems.push_back(tls.error());
    } else if (*tls) {
      run_on_hub([&] { listener->use_certificates(std::move(*tls)); });
    }
  }
  return problems;
}

void Server::run_on_hub(const std::function<void()>& work) {
  const auto task = std::make_shared<std::packaged_task<void()>>(work);
  std::future<void> done = task->get_future();
  boost::asio::post(hub_->executor(), [task] { (*task)(); });
  done.get();
}

void Server::serve() {
  serving_ = true;
  hub_->on_fenced([this] {
    for (const auto& listener : listeners_) listener->stop();
  });
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
