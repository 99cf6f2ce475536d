// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace tenon::protocol_native {

/// The right to write to one connection's socket, so that frames of two threads do not mix and none writes to a socket
/// that has been closed. The connection's own thread takes it for what it sends and keeps it while the socket takes no
/// more; a disk thread that has an answer may borrow it for that long.
///
/// Nobody waits: whoever does not get it hands over what there is to send, or is told when it is free.
/// Threads: borrow() and give_back() on any other thread; the others only on the connection's own.
class SendRight {
 public:
  /// It can be borrowed from now on; `sending`: once what is being sent has been. Who only sends messages never pays.
  void share(bool sending) noexcept {
    if (std::exchange(shared_, true)) return;
    if (sending) take();
  }
  bool is_borrowed() const noexcept {
    return shared_ && !here_ && state_.load(std::memory_order_relaxed) != State::free;
  }
  /// False: somebody has borrowed it, and learns by give_back() that it is asked for.
  bool ask() noexcept {
    if (!is_borrowed()) return true;
    State seen = State::taken;
    return !state_.compare_exchange_strong(seen, State::asked_for, std::memory_order_relaxed) && seen == State::free;
  }
  /// False: as ask(). True also when it is here already.
  bool take() noexcept {
    while (shared_ && !here_) {
      State seen = State::free;
      here_ = state_.compare_exchange_strong(seen, State::taken, std::memory_order_acquire);
      if (!here_ && !ask()) return false;
    }
    return true;
  }
  void give() noexcept {
    if (!shared_) return;
    here_ = false;
    state_.store(State::free, std::memory_order_release);
  }
  /// The right has come with something to be sent, instead of being given back.
  void inherit() noexcept { here_ = true; }

  bool borrow() noexcept {
    State seen = State::free;
    return state_.compare_exchange_strong(seen, State::taken, std::memory_order_acquire);
  }
  /// True: the connection's own thread has asked for it meanwhile, and is to be told.
  bool give_back() noexcept { return state_.exchange(State::free, std::memory_order_acq_rel) == State::asked_for; }

 private:
  enum class State : std::uint8_t { free, taken, asked_for };

  std::atomic<State> state_{State::free};
  bool shared_ = false;
  bool here_ = false;  ///< The connection's own thread has it.
};

}  // namespace tenon::protocol_native
