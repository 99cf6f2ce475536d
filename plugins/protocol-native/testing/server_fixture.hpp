// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

#include "protocol-native/all_handlers.hpp"
#include "protocol-native/server.hpp"
#include "protocol-native/testing/fake_broker.hpp"
#include "protocol-native/testing/raw_client.hpp"

namespace tenon::protocol_native {

/// Host for what the engine asks of it.
class FakeHost final : public Host {
 public:
  std::string_view instance_name() const override { return "native"; }
  const Logger& log() const override { return log_; }
  const std::filesystem::path& data_dir() const override { return nowhere_; }
  boost::asio::any_io_executor executor(ExecutorRole role) override {
    return role == ExecutorRole::disk && disk_ ? disk_ : net_.front();
  }
  const std::vector<boost::asio::any_io_executor>& net_executors() override { return net_; }
  const std::vector<boost::asio::any_io_executor>& catch_up_executors() override { return catch_up_; }
  std::int64_t now_ms() const override { return 1'700'000'000'000; }
  void report_fault(std::string_view, bool) override {}
  void report_progress(std::string_view) override {}

  std::vector<boost::asio::any_io_executor> net_, catch_up_;
  boost::asio::any_io_executor disk_;  ///< Empty: the first of net_.

 private:
  Logger log_{"native"};
  std::filesystem::path nowhere_;
};

/// The server on a free port, over fakes, on threads of its own.
class ServerFixture : public testing::Test {
 protected:
  void open(Settings settings = {}, int threads = 1, int catch_up_threads = 0) {
    settings.listen = {"127.0.0.1:0"};
    for (int index = 0; index < threads; ++index) host.net_.push_back(new_thread());
    for (int index = 0; index < catch_up_threads; ++index) host.catch_up_.push_back(new_thread());
    services.host = &host;
    server = std::make_unique<Server>(settings, services, host.log(), host.net_, host.catch_up_);
    register_all_handlers(server->handlers(), services);
    server->open();
    server->serve();
  }
  void TearDown() override {
    if (server) server->stop();
    guards_.clear();
    for (auto& context : contexts_) context->stop();
    for (auto& thread : threads_) thread.join();
    // As in the kernel: what is ready runs once more, then the plug-in goes, and the contexts go last.
    for (auto& context : contexts_) {
      context->restart();
      context->poll();
    }
    server.reset();
  }
  HostAddress address() const { return server->first_address(); }

  /// All fakes of a broker.
  void with_broker() {
    services.publishing = &publishing;
    services.pulling = &pulling;
    services.clients = &registry;
    services.offsets = &offsets;
    services.locks = &locks;
  }

  FakeHost host;
  FakePublishing publishing;
  FakePulling pulling;
  FakeRegistry registry;
  FakeOffsets offsets;
  FakeLocks locks;
  BrokerServices services;
  std::unique_ptr<Server> server;

 private:
  boost::asio::any_io_executor new_thread() {
    contexts_.push_back(std::make_unique<boost::asio::io_context>(1));
    guards_.emplace_back(contexts_.back()->get_executor());
    threads_.emplace_back([context = contexts_.back().get()] { context->run(); });
    return contexts_.back()->get_executor();
  }

  std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
  std::vector<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guards_;
  std::vector<std::thread> threads_;
};

}  // namespace tenon::protocol_native
