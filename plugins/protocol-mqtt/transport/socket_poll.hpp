// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <utility>

namespace tenon::protocol_mqtt {

/// Tells many sockets of one thread when they can be read or written. All stand in one epoll set of ours, of which the
/// thread's own reactor knows only the descriptor: an idle socket costs no memory in this process, and the next wait
/// for input no system call.
/// Ownership: outlives nothing that is watched; `stop()` ends it. Threads: all on that of the executor.
class SocketPoll {
 public:
  /// One socket. Derive from it.
  class Watched {
   public:
    virtual ~Watched() = default;
    virtual void readable() = 0;
    virtual void writable_now() = 0;

   private:
    friend class SocketPoll;
    int descriptor_ = -1;
    std::uint32_t wanted_ = 0;  ///< EPOLLIN, EPOLLOUT; each until it is told.
    std::uint32_t armed_ = 0;   ///< What the set looks for; more than is wanted costs nothing until it happens.
    bool in_set_ = false;
  };

  /// Throws boost::system::system_error when the system has no descriptor left.
  explicit SocketPoll(boost::asio::any_io_executor executor);
  SocketPoll(const SocketPoll&) = delete;
  SocketPoll& operator=(const SocketPoll&) = delete;

  /// `around(work)` calls `work` once for all that is ready at a time.
  template <class Around>
  void run(Around around) {
    auto serve = [this, around = std::move(around)](const boost::system::error_code& error) mutable {
      if (error || !set_.is_open()) return;
      around([this] { tell(); });
      if (set_.is_open()) run(std::move(around));
    };
    set_.async_wait(boost::asio::posix::stream_descriptor::wait_read, std::move(serve));
  }
  void stop() noexcept;

  /// False when the system refuses it.
  bool add(int descriptor, Watched& watched) noexcept;
  /// To be called before the descriptor is closed. Nothing is told after it.
  void remove(Watched& watched) noexcept;
  /// The next time there is input, or the other side has closed: readable(), once.
  void want_readable(Watched& watched) noexcept;
  /// The next time there is room: writable_now(), once.
  void want_writable(Watched& watched) noexcept;

 private:
  void tell();
  void tell(Watched& watched, std::uint32_t events);
  void arm(Watched& watched, std::uint32_t events) noexcept;
  void leave_set(Watched& watched) noexcept;

  boost::asio::posix::stream_descriptor set_;
  static constexpr int kBatch = 64;
  Watched* batch_[kBatch] = {};
};

}  // namespace tenon::protocol_mqtt
