// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/net_loop.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "protocol-native/connection.hpp"
#include "tenon/thread_check.hpp"

namespace tenon::protocol_native {
namespace {

constexpr std::size_t kSpareOutputs = 64;
/// How many clients that answer nothing it takes until calls to all clients of a loop are refused.
constexpr std::size_t kUnansweringClients = 16;
constexpr std::size_t kSpareOutputBytes = 64 * 1024;

}  // namespace

NetLoop::NetLoop(boost::asio::any_io_executor executor, ServerState& server)
    : executor_(std::move(executor)),
      server_(server),
      timer_(executor_),
      readiness_(executor_, *this),
      receive_buffer_(std::make_unique_for_overwrite<std::byte[]>(kReceiveBytes)),
      calls_({server.settings.calls_max, kUnansweringClients * server.settings.calls_max}, server.next_opaque) {}

NetLoop::~NetLoop() = default;

void NetLoop::start() {
  TENON_ASSERT_ON(executor_);
  arm_timer();
  readiness_.start();
}

void NetLoop::stop() {
  TENON_ASSERT_ON(executor_);
  const Turn turn(*this);
  stopped_ = true;
  timer_.cancel();
  while (!connections_.empty()) connections_.back()->close_now("the broker stops");
  readiness_.stop();
}

void NetLoop::add(std::shared_ptr<Connection> connection) {
  TENON_ASSERT_ON(executor_);
  connection->set_place(connections_.size());
  connections_.push_back(std::move(connection));
}

std::shared_ptr<Connection> NetLoop::take(Connection& connection) {
  const std::size_t place = connection.place();
  std::shared_ptr<Connection> taken = std::move(connections_[place]);
  if (place + 1 < connections_.size()) {
    connections_[place] = std::move(connections_.back());
    connections_[place]->set_place(place);
  }
  connections_.pop_back();
  std::erase(to_flush_, &connection);
  std::erase(to_move_, &connection);
  return taken;
}

void NetLoop::remove(Connection& connection) {
  closed_.push_back(take(connection));
  schedule_turn();
}

void NetLoop::leave(Connection& connection) {
  readiness_.release(connection);
  take(connection);
}

void NetLoop::move_later(Connection& connection) {
  if (std::ranges::find(to_move_, &connection) == to_move_.end()) to_move_.push_back(&connection);
  schedule_turn();
}

void NetLoop::flush_later(Connection& connection) {
  to_flush_.push_back(&connection);
  schedule_turn();
}

// Outside a turn the outcomes of several requests tend to come one after the other; they all get into the next turn.
void NetLoop::schedule_turn() {
  if (turn_depth_ > 0 || turn_scheduled_) return;
  turn_scheduled_ = true;
  boost::asio::post(executor_, [this] {
    turn_scheduled_ = false;
    const Turn turn(*this);
  });
}

void NetLoop::begin_turn() noexcept {
  if (server_.services.gathering != nullptr) server_.services.gathering->gather();
}

bool NetLoop::hand_over() {
  if (server_.services.gathering == nullptr) return true;
  const Status written = server_.services.gathering->write_out();
  if (written) return true;
  server_.log.error("closing all connections, because what they sent cannot be stored: ", written.error().message());
  while (!connections_.empty()) connections_.back()->close_now("the store has failed");
  return false;
}

void NetLoop::finish_turn() {
  hand_over();
  while (!to_flush_.empty()) {  // a flush may close a connection, which may notify others
    Connection* const connection = to_flush_.back();
    to_flush_.pop_back();
    connection->flush();
  }
  for (Connection* const connection : std::exchange(to_move_, {})) connection->move_if_it_can();
  if (closed_.empty()) return;
  for (const auto& connection : closed_) connection->forget_self();
  closed_.clear();
}

std::int64_t NetLoop::busy_requests() const noexcept {
  std::int64_t busy = static_cast<std::int64_t>(calls_.size());
  for (const auto& connection : connections_) busy += connection->busy_requests();
  return busy;
}

std::unique_ptr<Output> NetLoop::borrow_output() {
  if (spare_outputs_.empty()) return std::make_unique<Output>();
  auto output = std::move(spare_outputs_.back());
  spare_outputs_.pop_back();
  return output;
}

void NetLoop::give_back(std::unique_ptr<Output> output) {
  if (spare_outputs_.size() == kSpareOutputs) return;
  output->reset(kSpareOutputBytes);
  spare_outputs_.push_back(std::move(output));
}

std::uint32_t NetLoop::now_in_seconds() const noexcept {
  const auto since = std::chrono::steady_clock::now() - server_.started;
  return 1 + static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(since).count());
}

void NetLoop::arm_timer() {
  timer_.expires_after(std::chrono::seconds(1));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !stopped_) on_timer();
  });
}

void NetLoop::on_timer() {
  second_ = now_in_seconds();
  {
    const Turn turn(*this);
    calls_.expire(ClientCalls::Clock::now());
    for (std::size_t place = connections_.size(); place-- > 0;) {
      if (place < connections_.size()) connections_[place]->sweep();
    }
  }
  arm_timer();
}

}  // namespace tenon::protocol_native
