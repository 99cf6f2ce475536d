// SPDX-License-Identifier: Apache-2.0
#include "client/remoting_client.hpp"

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <map>
#include <thread>
#include <utility>

#include "client/remoting_connection.hpp"

namespace tenon::client {

namespace asio = boost::asio;

/// What the I/O thread owns. Shared, so that handlers posted late find it alive.
class RemotingClient::Core : public std::enable_shared_from_this<RemotingClient::Core> {
 public:
  explicit Core(RemotingOptions options) : options_(options), work_(asio::make_work_guard(io_)) {}

  void start() {
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "tenon-client");
      io_.run();
    });
  }

  void stop() {
    asio::post(io_, [this] {
      stopped_ = true;
      for (auto& [address, connection] : connections_)
        connection->close(Error(Errc::shutting_down, "the client is shutting down"));
      connections_.clear();
      work_.reset();
    });
    thread_.join();
  }

  /// The open (or opening) connection to `address`; I/O thread only. nullptr after stop().
  RemotingConnection* connection_to(const std::string& address) {
    if (stopped_) return nullptr;
    auto& connection = connections_[address];
    if (!connection || connection->is_closed()) {
      connection = std::make_shared<RemotingConnection>(
          io_.get_executor(), address, options_,
          [this, address](const Reply& push) { return push_ ? push_(address, push) : std::nullopt; });
      connection->open();
    }
    return connection.get();
  }

  asio::io_context& io() noexcept { return io_; }
  bool on_io_thread() const noexcept { return std::this_thread::get_id() == thread_.get_id(); }
  void on_push(PushHandler handler) {
    asio::post(io_, [this, handler = std::move(handler)]() mutable { push_ = std::move(handler); });
  }

 private:
  const RemotingOptions options_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::map<std::string, std::shared_ptr<RemotingConnection>> connections_;
  PushHandler push_;
  std::thread thread_;
  bool stopped_ = false;
};

RemotingClient::RemotingClient(RemotingOptions options) : core_(std::make_shared<Core>(options)) { core_->start(); }

RemotingClient::~RemotingClient() { core_->stop(); }

void RemotingClient::call(const std::string& address, Request request, Milliseconds timeout, Callback callback) {
  asio::post(core_->io(),
             [core = core_, address, request = std::move(request), timeout, callback = std::move(callback)]() mutable {
               RemotingConnection* connection = core->connection_to(address);
               if (connection == nullptr) return callback(Error(Errc::shutting_down, "the client is shutting down"));
               connection->call(request, timeout, std::move(callback));
             });
}

Result<Reply> RemotingClient::call(const std::string& address, Request request, Milliseconds timeout) {
  if (core_->on_io_thread()) return Error(Errc::internal, "a waiting call from a callback would never return");
  auto promise = std::make_shared<std::promise<Result<Reply>>>();
  auto outcome = promise->get_future();
  call(address, std::move(request), timeout, [promise](Result<Reply> reply) { promise->set_value(std::move(reply)); });
  return outcome.get();
}

void RemotingClient::send_oneway(const std::string& address, Request request) {
  asio::post(core_->io(), [core = core_, address, request = std::move(request)] {
    if (RemotingConnection* connection = core->connection_to(address)) connection->send_oneway(request);
  });
}

void RemotingClient::on_push(PushHandler handler) { core_->on_push(std::move(handler)); }

}  // namespace tenon::client
