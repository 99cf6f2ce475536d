// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "replication/slave_session.hpp"
#include "tenon/commit_gate.hpp"

namespace tenon::ha {

struct MasterLinkSettings {
  replication::SlaveSettings session;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds retry_min{200};
  std::chrono::milliseconds retry_max{5'000};
  /// So long a connection may be held before people are told.
  std::chrono::milliseconds answer_patience{5'000};
};

/// What a slave's link needs of its broker. Borrowed.
struct MasterLinkParts {
  LogTap* log = nullptr;
  replication::EpochKeeper* epochs = nullptr;
  CommitGate* flush_gate = nullptr;                             ///< Of the store, if it flushes synchronously.
  std::function<void(std::string_view reason)> report_lagging;  ///< Empty: the log follows.
  std::function<void(const Divergence&)> report_divergence;
  std::function<void(const replication::SlaveSession&)> progressed;  ///< The session has taken something.
};

/// The slave's connection to its master: dials, carries what the session says, dials again with growing pauses when it
/// breaks. Threads: the replication thread. Ownership: pending waits hold it.
class MasterLink : public std::enable_shared_from_this<MasterLink> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  MasterLink(boost::asio::io_context& context, std::string master, MasterLinkParts parts,
             const MasterLinkSettings& settings);

  /// `master` is "host:port".
  void start() { dial(); }
  void stop();
  void tick(Time now);
  /// The epoch that a master must have is another one: who is followed without it is left, who was refused is asked.
  void epoch_changed();
  MasterStatus status(Time now) const;
  /// The master sends, or would on go_on(): one that compares the two logs has found that they are the same.
  bool follows() const noexcept;
  /// The connection that waits for go_on() (SlaveSettings::holds_classic); 0: none does. Its master sends nothing until
  /// then, so what comes afterwards comes of a process that was there all the time.
  std::uint64_t held() const noexcept { return is_held() ? connection_ : 0; }
  void go_on(std::uint64_t connection);

 private:
  using Socket = boost::asio::ip::tcp::socket;

  void dial();
  void connect(const boost::asio::ip::tcp::resolver::results_type& endpoints);
  void connected();
  void wait_for_input();
  void received(std::size_t count);
  bool is_held() const noexcept { return session_ && session_->is_held(); }
  void note_held();
  void send_output();
  void wait_for_room();
  void note_progress();
  void recovered();
  void ask_for_flush();
  void flushed(PhysicalOffset end, const Status& status);
  void broken(const Error& why);
  bool is_current(std::uint64_t connection) const noexcept { return !stopped_ && connection == connection_; }

  boost::asio::io_context& context_;
  const std::string master_;
  const MasterLinkParts parts_;
  const MasterLinkSettings& settings_;
  boost::asio::ip::tcp::resolver resolver_;
  Socket socket_;
  boost::asio::steady_timer timer_;  ///< Of the dial, then of the pause before the next.
  std::optional<replication::SlaveSession> session_;
  std::string output_;
  std::uint64_t connection_ = 0;  ///< Counts them, so that what belongs to an old one is known.
  bool stopped_ = false;
  bool blocked_ = false;        ///< Waits until the socket takes output_.
  bool reading_rests_ = false;  ///< Until then.
  bool flush_asked_ = false;
  bool said_held_ = false;  ///< Of this connection, that it is held; last_error_ says it.
  Time connected_at_{};
  PhysicalOffset flushed_;
  std::chrono::milliseconds pause_;
  std::minstd_rand jitter_;
  std::string last_error_;
  bool said_well_ = false;          ///< That it follows.
  PhysicalOffset received_before_;  ///< Where the log ended when the connection was made.
  Time up_to_date_at_;
  // What the master said last, kept over connections.
  std::optional<PhysicalOffset> known_log_max_;
  PhysicalOffset known_confirmed_;
};

}  // namespace tenon::ha
