// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "protocol-mqtt/engine/link.hpp"
#include "protocol-mqtt/hub.hpp"

namespace tenon::protocol_mqtt {

/// One client's connection: carries bytes between a stream and a Link. What kind of stream is a matter of subclasses.
///
/// Input that holds no whole packet waits here; output waits in the link until the turn ends. Ownership: the hub holds
/// it until the end of the turn in which it is closed. Threads: the hub's.
class Connection : public Transport, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Hub& hub, const HostAddress& remote_address, bool anonymous_allowed);
  ~Connection() override;

  void start();
  /// Sends what there is; closes when the link is done and everything was sent.
  void flush() noexcept;
  /// In place of flush(): what there is waits for release(), since it speaks of what is not safe yet. False when there
  /// is nothing, or something waits already: what came since is looked at again then.
  bool withhold();
  /// Sends what waits.
  void release() noexcept;
  bool closed() const noexcept { return closed_; }
  bool waits_for_us() const noexcept { return link_.waits_for_us(); }
  /// See Link::speaks_of_kept().
  bool speaks_of_kept() const noexcept { return link_.speaks_of_kept(); }
  /// Its number among those that have not said CONNECT; 0: it has. The hub's.
  std::uint64_t opening = 0;
  /// Gives up at once: the process ends, or the client does not read what it is told at last.
  void close_now() noexcept;

  void output_ready() noexcept override;
  void finish(std::string_view reason) noexcept override;

 protected:
  enum class Sent { all, later, failed };

  /// Waits for input, then calls received() or broken().
  virtual void start_receive() = 0;
  /// Sends the front of `output` and takes it off. later: writable() is called when there is room or it is done.
  virtual Sent send_some(std::string& output) = 0;
  /// Bytes taken from output that the stream still holds.
  virtual std::size_t unsent() const noexcept = 0;
  /// Nothing more is sent, and the client hears so. It may go on reading what it was sent.
  virtual void end_output() noexcept = 0;
  virtual void close_stream() noexcept = 0;
  bool lingering() const noexcept { return lingering_; }
  /// See Link::excuse().
  void excuse(std::int64_t ms) noexcept {
    link_.excuse(ms);
    hub_.excuse(*this, ms);
  }
  /// Runs `work`. What it throws, out of memory at the most, is the loss of this client and of nobody else.
  template <class Work>
  void guarded(const Work& work) noexcept {
    try {
      work();
    } catch (const std::exception& problem) {
      give_up(problem);
    }
  }

  /// Serves input and waits for more.
  void received(std::string_view bytes);
  void writable();
  void broken(std::string_view reason);
  /// unsent() has changed outside of send_some().
  void note_unsent() noexcept { link_.set_unsent(unsent() + (withheld_ ? withheld_->size() : 0)); }
  Hub& hub() noexcept { return hub_; }

 private:
  void give_up(const std::exception& problem) noexcept;
  void feed(std::string_view bytes);
  void send_output();
  bool push_output();
  void send_released();
  void go_on_receiving();
  void end_link(std::string_view reason) noexcept;
  void linger();
  void receive_more();

  Hub& hub_;
  const bool anonymous_allowed_;
  std::string partial_;                    ///< Input of a packet that is not whole yet.
  std::unique_ptr<std::string> withheld_;  ///< Output that waits for release().
  Link link_;
  bool flush_listed_ = false;
  bool sending_ = false;
  bool receiving_ = false;
  bool finishing_ = false;
  bool lingering_ = false;
  bool closed_ = false;
};

}  // namespace tenon::protocol_mqtt
