// SPDX-License-Identifier: Apache-2.0
#include "client/push_consumer.hpp"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <chrono>
#include <future>

#include "client/consumer_engine.hpp"
#include "client/reply_error.hpp"
#include "tenon/text.hpp"

namespace tenon::client {

namespace asio = boost::asio;

PushConsumer::PushConsumer(ClientInstance& client, ConsumerOptions options)
    : engine_(std::make_shared<Engine>(client, std::move(options))) {}

PushConsumer::~PushConsumer() { shutdown(); }

void PushConsumer::subscribe(const std::string& topic, const std::string& expression,
                             const std::string& expression_type) {
  engine_->subscribe({topic, expression, expression_type, 0});
}

void PushConsumer::on_problem(ProblemHandler handler) { engine_->on_problem(std::move(handler)); }

Status PushConsumer::start(Listener listener) { return engine_->start(std::move(listener)); }

void PushConsumer::shutdown() { engine_->shutdown(); }

PushConsumer::Engine::Engine(ClientInstance& client, ConsumerOptions options)
    : client_(client),
      options_(std::move(options)),
      work_(asio::make_work_guard(service_)),
      rebalance_timer_(service_),
      heartbeat_timer_(service_),
      persist_timer_(service_),
      consume_(options_.consume_threads) {}

Status PushConsumer::Engine::start(Listener listener) {
  listener_ = std::move(listener);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "tenon-consumer");
    service_.run();
  });
  std::promise<Status> begun;
  asio::post(service_, [this, &begun] { begun.set_value(begin()); });
  return begun.get_future().get();
}

Status PushConsumer::Engine::begin() {
  using namespace std::chrono;
  const auto version = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  if (clustering()) subscriptions_.push_back({"%RETRY%" + options_.group, "*", "TAG", 0});
  for (Subscription& subscription : subscriptions_) {
    subscription.version = version;
    const auto route = client_.route_of(subscription.topic);
    if (!route && !route.error().is(Errc::topic_not_exist)) return route.error();
    if (!route || subscription.is_tag()) continue;
    if (Status usable = check_filter(subscription, *route); !usable) return usable;
  }
  if (options_.registered) {
    client_.watch_group(options_.group, [this] { asio::post(service_, [this] { rebalance(); }); });
    send_heartbeats();
    repeat(heartbeat_timer_, options_.heartbeat_interval, &Engine::send_heartbeats);
  }
  rebalance();
  if (clustering()) repeat(persist_timer_, options_.persist_interval, &Engine::persist_offsets);
  return {};
}

Status PushConsumer::Engine::check_filter(const Subscription& subscription, const TopicRoute& route) {
  if (route.brokers.empty() || route.brokers.front().addresses.empty()) return {};
  const std::string& address = route.brokers.front().addresses.begin()->second;
  const auto reply =
      client_.remoting().call(address, check_client_request(client_.options().client_id, options_.group, subscription),
                              client_.options().timeout);
  if (!reply) return reply.error();
  if (!reply->ok()) return error_of(*reply, text("subscribe to ", subscription.topic));
  return {};
}

void PushConsumer::Engine::repeat(asio::steady_timer& timer, Milliseconds interval, void (Engine::*work)()) {
  timer.expires_after(interval);
  timer.async_wait([this, &timer, interval, work](const boost::system::error_code& cancelled) {
    if (cancelled || stopping_) return;
    (this->*work)();
    repeat(timer, interval, work);
  });
}

void PushConsumer::Engine::shutdown() {
  if (!thread_.joinable()) return;
  client_.unwatch_group(options_.group);
  std::promise<void> stopped;
  asio::post(service_, [this, &stopped] {
    stopping_ = true;
    stopped.set_value();
  });
  stopped.get_future().wait();
  consume_.join();  // the listener finishes what it has; each end is posted to service_ before finish()
  asio::post(service_, [this] { finish(); });
  thread_.join();
}

void PushConsumer::Engine::finish() {
  rebalance_timer_.cancel();
  heartbeat_timer_.cancel();
  persist_timer_.cancel();
  const auto addresses = options_.registered ? broker_addresses() : std::set<std::string>{};
  persist_offsets();
  for (auto& [queue, own] : queues_) {
    own->dropped = true;
    own->retry.cancel();
  }
  queues_.clear();
  for (const std::string& address : addresses) {
    const auto gone = client_.remoting().call(
        address, unregister_request(client_.options().client_id, "", options_.group), client_.options().timeout);
    if (!gone) problem(gone.error());
  }
  work_.reset();
}

void PushConsumer::Engine::problem(const Error& error) const {
  if (problem_) problem_(error);
}

}  // namespace tenon::client
