// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/executors.hpp"

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <thread>

#include "lifecycle/polling_loop.hpp"
#include "tenon/text.hpp"
#include "tenon/thread_signals.hpp"

namespace tenon::kernel {
namespace asio = boost::asio;

// One io_context and the threads that run it.
class Executors::Pool {
 public:
  Pool(std::vector<std::string> thread_names, const Net& how, const Fault& on_fault)
      : thread_names_(std::move(thread_names)),
        how_(how),
        on_fault_(on_fault),
        context_(static_cast<int>(thread_names_.size())),
        work_(asio::make_work_guard(context_)) {}
  ~Pool() { join(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void start() {
    for (const std::string& name : thread_names_) threads_.emplace_back([this, &name] { run(name); });
  }

  void join() noexcept {
    context_.stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  // Completions of what the plug-ins closed in stop(): run now, while the plug-ins exist, instead of being destroyed
  // with the context, when they do not. False when there were none.
  bool run_what_is_ready() noexcept {
    bool ran = false;
    context_.restart();
    for (; last_handlers_ > 0; --last_handlers_) {
      try {
        if (context_.poll_one() == 0) break;
      } catch (const std::exception& problem) {
        on_fault_(thread_names_.front(), problem.what());
      }
      ran = true;
    }
    context_.stop();
    return ran;
  }

  asio::any_io_executor executor() { return context_.get_executor(); }

 private:
  void run(const std::string& name) {
    name_this_thread(name);
    how_.cpus.keep_this_thread();
    for (;;) {
      try {
        run_polling(context_, how_.idle_poll);
        return;
      } catch (const std::exception& problem) {
        on_fault_(name, problem.what());
      } catch (...) {
        on_fault_(name, "something that is no std::exception was thrown");
      }
    }
  }

  /// A bound against a handler that posts itself for ever.
  static constexpr int kLastHandlersMax = 100'000;

  std::vector<std::string> thread_names_;
  const Net how_;  ///< With idle_poll there is one thread.
  const Fault& on_fault_;
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::vector<std::thread> threads_;
  int last_handlers_ = kLastHandlersMax;
};

Executors::Executors(Net net, int disk_threads, Fault on_fault) : net_settings_(net), on_fault_(std::move(on_fault)) {
  for (int index = 0; index < net.threads; ++index) {
    net_.push_back(std::make_unique<Pool>(std::vector{text("net-", index)}, net, on_fault_));
    net_executors_.push_back(net_.back()->executor());
  }
  for (int index = 0; index < net.catch_up_threads; ++index) {
    catch_up_.push_back(std::make_unique<Pool>(std::vector{text("catch-up-", index)}, Net{}, on_fault_));
    catch_up_executors_.push_back(catch_up_.back()->executor());
  }
  std::vector<std::string> disk_names;
  disk_names.reserve(static_cast<std::size_t>(disk_threads));
  for (int index = 0; index < disk_threads; ++index) disk_names.push_back(text("disk-", index));
  disk_ = std::make_unique<Pool>(std::move(disk_names), Net{}, on_fault_);
  sched_ = std::make_unique<Pool>(std::vector<std::string>{"sched"}, Net{}, on_fault_);
}

Executors::~Executors() { stop(); }

void Executors::start() {
  const SignalsBlocked for_main;
  const CpuSet others = CpuSet::of_this_thread().without(net_settings_.cpus);
  others.keep_main_thread();
  others.keep_this_thread();
  for (const auto& pool : net_) pool->start();
  for (const auto& pool : catch_up_) pool->start();
  disk_->start();
  sched_->start();
  started_ = true;
}

void Executors::stop() noexcept {
  if (!started_) return;
  started_ = false;
  std::vector<Pool*> pools{sched_.get(), disk_.get()};
  for (const auto& pool : net_) pools.push_back(pool.get());
  for (const auto& pool : catch_up_) pools.push_back(pool.get());
  for (Pool* pool : pools) pool->join();
  // Again, because what one of them runs last may be posted to another.
  for (bool ran = true; ran;) {
    ran = false;
    for (Pool* pool : pools) ran = pool->run_what_is_ready() || ran;
  }
}

asio::any_io_executor Executors::executor(ExecutorRole role) const {
  return role == ExecutorRole::disk ? disk_->executor() : sched_->executor();
}

void Executors::run_loop(asio::io_context& context) const {
  net_settings_.cpus.keep_this_thread();
  run_polling(context, net_settings_.idle_poll);
}

void name_this_thread(const std::string& name) noexcept {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

}  // namespace tenon::kernel
