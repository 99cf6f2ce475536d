// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/control.hpp"

namespace tenon::kernel {

void Control::request_stop() {
  const std::scoped_lock lock(mutex_);
  stop_ = true;
  changed_.notify_all();
}

void Control::request_reload() {
  const std::scoped_lock lock(mutex_);
  reload_ = true;
  changed_.notify_all();
}

void Control::report_fatal_fault(const std::string& reason) {
  const std::scoped_lock lock(mutex_);
  if (fatal_fault_.empty()) fatal_fault_ = reason;
  stop_ = true;
  changed_.notify_all();
}

Control::Wish Control::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stop_ || reload_; });
  if (stop_) return Wish::stop;
  reload_ = false;
  return Wish::reload;
}

bool Control::stop_requested() const {
  const std::scoped_lock lock(mutex_);
  return stop_;
}

std::string Control::fatal_fault() const {
  const std::scoped_lock lock(mutex_);
  return fatal_fault_;
}

}  // namespace tenon::kernel
