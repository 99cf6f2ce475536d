// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "protocol-native/answer.hpp"
#include "protocol-native/client_call.hpp"
#include "protocol-native/net_loop.hpp"
#include "protocol-native/output.hpp"
#include "protocol-native/receive_tail.hpp"
#include "protocol-native/sends_in_flight.hpp"
#include "remoting/frame.hpp"
#include "tenon/client_channel.hpp"
#include "tenon/publishing.hpp"
#include "tenon/pulling.hpp"

namespace tenon::protocol_native {

/// One client connection: frames in, answers out, requests of the broker's own to the client.
///
/// Everything happens on the thread of one loop, in its turns: of its home, or, while its client reads what is far
/// behind the end of the log, of one for catching up. Reading stops ("resting") while the client does not take what it
/// asked for, or the disk has much to do for it, so what a connection can hold is bounded. Ownership: the loop holds it
/// while it is open; handlers, the kernel's registry and completions may hold it longer. Threads: the loop's own, but
/// for the members of ClientChannel and on_own_thread(); outcomes may also come on the thread that was its own when
/// the caller asked for executor().
class Connection final : public ClientChannel,
                         public PublishCompletion,
                         public PullCompletion,
                         public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  Connection(Socket socket, const HostAddress& remote, NetLoop& loop);
  ~Connection() override;

  /// Joins the loop and begins to read.
  void start();
  void close_now(std::string_view reason) noexcept;
  /// Sends what is there.
  void flush();
  /// Once a second: ends what has taken too long, gives unused memory back.
  void sweep();

  // ClientChannel: any thread.
  const HostAddress& remote_address() const noexcept override { return remote_; }
  bool is_open() const noexcept override { return open_.load(std::memory_order_relaxed); }
  boost::asio::any_io_executor executor() const override { return loop().executor(); }
  void notify_consumer_ids_changed(std::string_view consumer_group) override;
  void push_reply(const ReplyPush& reply, Answered answered) override;
  Status check_transaction(const TransactionCheck& check) override;
  void close() override;
  /// Runs `work()` on the connection's own thread, wherever that is by then: inline, if the caller is on it. Any
  /// thread. What one caller has run so keeps its order, unless the connection goes to another loop meanwhile.
  template <class Work>
  void on_own_thread(Work work) {
    boost::asio::dispatch(executor(), forwarded(std::move(work)));
  }
  /// The same, never inline.
  template <class Work>
  void later_on_own_thread(Work work) {
    boost::asio::post(executor(), forwarded(std::move(work)));
  }

  // Completions.
  void published(std::uint64_t token, const Result<PublishReceipt>& outcome) noexcept override;
  void pulled(std::uint64_t token, Result<PullOutcome> outcome) noexcept override;

  // For handlers, on the connection's thread.
  /// Where to write answers; what is written goes out when the turn ends.
  Output& output();
  void write_answer(std::int32_t opaque, const Answer& answer);
  /// Sends a request to the client under an opaque of ours. `answered` empty: oneway.
  void write_request(const ClientRequest& request, ClientCalls::Clock::time_point deadline, ClientAnswered answered);
  SendsInFlight& sends() noexcept { return sends_; }
  /// False when too many wait: for the disk, for replicas.
  bool takes_sends() noexcept {
    return sends_.count() < static_cast<std::size_t>(server().settings.requests_in_flight_max);
  }
  /// This connection as the publish and pull paths want it; kept so that no request pays for a reference count.
  const std::shared_ptr<PublishCompletion>& as_publish_completion() const noexcept { return publish_self_; }
  const std::shared_ptr<PullCompletion>& as_pull_completion() const noexcept { return pull_self_; }
  /// The token that pull() is to be called with.
  static std::uint64_t pull_token(std::int32_t opaque, bool oneway) noexcept {
    return static_cast<std::uint32_t>(opaque) | (oneway ? kOnewayPull : 0);
  }
  /// Counts a pull that may be held; false when the connection has too many.
  bool begin_pull() noexcept;
  /// One that was counted ends otherwise than with pulled().
  void end_pull() noexcept { --pulls_in_flight_; }
  /// Work on the disk that will answer this client begins, and has ended.
  void begin_disk_work() noexcept { ++disk_work_; }
  void end_disk_work();
  std::int64_t busy_requests() const noexcept { return static_cast<std::int64_t>(sends_.count()); }
  NetLoop& loop() const noexcept { return *loop_.load(std::memory_order_acquire); }

  // For the loop.
  int descriptor() const noexcept { return descriptor_; }
  /// `events` of epoll.
  void on_ready(std::uint32_t events);
  /// Reads what is there before anybody has said that something is. False: nothing was.
  bool read_ahead();
  std::size_t place() const noexcept { return place_; }
  void set_place(std::size_t place) noexcept { place_ = place; }
  void forget_self() noexcept;
  /// Goes to the loop where it should live, if that is another one and nothing of it is under way that is bound to this
  /// one. At the end of a turn.
  void move_if_it_can();

 private:
  static constexpr std::uint64_t kOnewayPull = std::uint64_t{1} << 32;

  template <class Work>
  auto forwarded(Work work) {
    return [self = shared_from_this(), work = std::move(work)]() mutable {
      self->has_left_thread() ? self->later_on_own_thread(std::move(work)) : work();
    };
  }

  void on_writable();
  void watch_again();
  bool receive();
  bool receive_once(bool& more);
  bool receive_into_tail(bool& more);
  bool after_receive(std::int64_t count, std::size_t room, bool& more);
  void take_in(std::span<const std::byte> bytes, bool from_tail);
  std::span<const std::byte> serve_frames(std::span<const std::byte> bytes);
  void serve_frame(const remoting::FrameView& frame);
  void write_check(const ClientRequest& request);
  bool must_rest();
  bool has_too_much_unsent();
  bool may_resume() noexcept;
  void resume();
  /// Whether the client can be sent a request of ours.
  Status reachable();
  NetLoop& loop_to_live_on() const noexcept;
  bool catches_up() const noexcept;
  void note_distance(std::int64_t bytes_behind);
  bool may_move() noexcept;
  void arrive();
  bool is_on_own_thread() const noexcept;
  /// What belongs on the connection's thread has come on one that was, or where the connection has not arrived yet.
  bool has_left_thread() const noexcept { return has_moved_.load(std::memory_order_relaxed) && !is_on_own_thread(); }
  [[gnu::cold]] void send_on(std::uint64_t token, const Result<PublishReceipt>& outcome);
  [[gnu::cold]] void send_on(std::uint64_t token, Result<PullOutcome>&& outcome);
  Result<std::int32_t> begin_request(ClientCalls::Clock::time_point deadline, ClientAnswered& answered);
  ServerState& server() noexcept { return loop().server(); }

  int descriptor_;
  NetLoop& home_;
  std::atomic<NetLoop*> loop_;
  HostAddress remote_;
  std::shared_ptr<Connection> self_;
  std::shared_ptr<PublishCompletion> publish_self_;
  std::shared_ptr<PullCompletion> pull_self_;
  ReceiveTail tail_;
  std::unique_ptr<Output> output_;
  SendsInFlight sends_;
  std::size_t place_ = 0;
  std::int32_t pulls_in_flight_ = 0;
  std::int32_t disk_work_ = 0;
  std::uint32_t seen_second_ = 0;     ///< Last read or write.
  std::uint32_t partial_second_ = 0;  ///< Since when a frame is incomplete; 0: none is.
  std::uint32_t blocked_second_ = 0;  ///< Last progress of a blocked send.
  std::uint32_t far_second_ = 0;      ///< Last pull of what is far behind the end of the log; 0: there was none.
  std::atomic<bool> open_{true};
  std::atomic<std::int64_t> check_bytes_{0};  ///< Of transaction checks on their way to this thread.
  bool flush_listed_ = false;
  bool send_blocked_ = false;
  bool resting_ = false;
  bool has_arrived_ = true;             ///< Belongs to the thread of loop_.
  std::atomic<bool> has_moved_{false};  ///< Ever.
};

}  // namespace tenon::protocol_native
