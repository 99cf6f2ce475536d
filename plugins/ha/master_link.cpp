// SPDX-License-Identifier: Apache-2.0
#include "ha/master_link.hpp"

#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

namespace tenon::ha {
namespace {

using boost::asio::ip::tcp;

/// How long a flush may take before it is asked for again.
constexpr std::chrono::seconds kFlushDeadline{5};
constexpr std::string_view kHeldBecause = "it has not said yet whether its log is the same";

}  // namespace

MasterLink::MasterLink(boost::asio::io_context& context, std::string master, MasterLinkParts parts,
                       const MasterLinkSettings& settings)
    : context_(context),
      master_(std::move(master)),
      parts_(std::move(parts)),
      settings_(settings),
      resolver_(context),
      socket_(context),
      timer_(context),
      pause_(settings.retry_min),
      jitter_(std::random_device{}()),
      up_to_date_at_(std::chrono::steady_clock::now()) {}

void MasterLink::stop() {
  stopped_ = true;
  ++connection_;
  resolver_.cancel();
  timer_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
  session_.reset();
}

void MasterLink::dial() {
  const std::uint64_t mine = ++connection_;
  timer_.expires_after(settings_.connect_timeout);
  timer_.async_wait([self = shared_from_this(), mine](const boost::system::error_code& error) {
    if (!error && self->is_current(mine) && !self->session_)
      self->broken(Error(Errc::timed_out, "no connection in time"));
  });
  const auto colon = master_.rfind(':');
  std::string host = master_.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const std::string port = master_.substr(colon + 1);
  // A numeric address, which is the usual one, needs no resolver and not the thread that it would start.
  if (const auto numeric = HostAddress::parse(master_)) {
    const tcp::endpoint endpoint(boost::asio::ip::make_address(host), numeric->port());
    return connect(tcp::resolver::results_type::create(endpoint, host, port));
  }
  resolver_.async_resolve(host, port,
                          [self = shared_from_this(), mine](const boost::system::error_code& error,
                                                            const tcp::resolver::results_type& endpoints) {
                            if (!self->is_current(mine)) return;
                            if (error) return self->broken(Error(error, text("resolve: ", error.message())));
                            self->connect(endpoints);
                          });
}

void MasterLink::connect(const tcp::resolver::results_type& endpoints) {
  boost::asio::async_connect(
      socket_, endpoints,
      [self = shared_from_this(), mine = connection_](const boost::system::error_code& error, const tcp::endpoint&) {
        if (!self->is_current(mine)) return;
        if (error) return self->broken(Error(error, text("connect: ", error.message())));
        self->connected();
      });
}

void MasterLink::connected() {
  timer_.cancel();
  boost::system::error_code ignored;  // works without, too
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  output_.clear();
  blocked_ = reading_rests_ = flush_asked_ = false;
  said_held_ = false;
  connected_at_ = std::chrono::steady_clock::now();
  flushed_ = {};
  received_before_ = parts_.log->log_received();
  session_.emplace(*parts_.log, *parts_.epochs, settings_.session, std::chrono::steady_clock::now());
  wait_for_input();
  send_output();
}

/// Into the session's buffer. That is gone when the connection is, but then the socket is closed in the same handler,
/// and nothing is received any more.
void MasterLink::wait_for_input() {
  const auto room = session_->room();
  socket_.async_receive(
      boost::asio::buffer(room.data(), room.size()),
      [self = shared_from_this(), mine = connection_](const boost::system::error_code& error, std::size_t count) {
        if (!self->is_current(mine)) return;
        if (error == boost::asio::error::eof)
          return self->broken(Error(Errc::disconnected, "the master closed the connection"));
        if (error) return self->broken(Error(Errc::disconnected, error.message()));
        self->received(count);
      });
}

void MasterLink::go_on(std::uint64_t connection) {
  if (!is_held() || !is_current(connection)) return;
  session_->go_on(std::chrono::steady_clock::now());
  send_output();
}

/// Once for each connection.
void MasterLink::note_held() {
  if (std::exchange(said_held_, true)) return;
  last_error_ =
      "nothing is taken from it before it has said whether its log is the same. It is asked at its port for clients, "
      "which the name servers of this broker or plugins.ha.master_broker must say, and which must be reachable from "
      "here";
  parts_.report_lagging(text("master ", master_, ": ", last_error_));
}

void MasterLink::received(std::size_t count) {
  const Status fine = session_->received(count, std::chrono::steady_clock::now());
  if (const auto divergence = session_->take_divergence()) parts_.report_divergence(*divergence);
  if (!fine) return broken(fine.error());
  send_output();  // first: somebody waits for it
  if (!session_) return;
  note_progress();
  if (!session_) return;
  reading_rests_ = blocked_;
  if (!blocked_) wait_for_input();
}

/// While the master does not take what is said to it, nothing more is read: so the output has a bound.
void MasterLink::send_output() {
  output_ += session_->take_output();
  while (!blocked_ && !output_.empty()) {
    const ssize_t count = ::send(socket_.native_handle(), output_.data(), output_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      output_.erase(0, static_cast<std::size_t>(count));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait_for_room();
    } else if (errno != EINTR) {
      return broken(Error(Errc::disconnected, std::strerror(errno)));
    }
  }
}

void MasterLink::wait_for_room() {
  blocked_ = true;
  socket_.async_wait(Socket::wait_write,
                     [self = shared_from_this(), mine = connection_](const boost::system::error_code& error) {
                       if (error || !self->is_current(mine)) return;
                       self->blocked_ = false;
                       self->send_output();
                       if (self->session_ && !self->blocked_ && std::exchange(self->reading_rests_, false))
                         self->wait_for_input();
                     });
}

void MasterLink::note_progress() {
  if (!session_->transferring()) return;
  known_log_max_ = session_->master_log_max();
  known_confirmed_ = std::max(known_confirmed_, session_->master_confirmed());
  parts_.progressed(*session_);
  const PhysicalOffset received = parts_.log->log_received();
  const bool up_to_date = received >= session_->master_log_max();
  if (up_to_date) up_to_date_at_ = std::chrono::steady_clock::now();
  if (follows() && (up_to_date || received > received_before_)) recovered();
  if (session_->acknowledges_flushed()) ask_for_flush();
}

bool MasterLink::follows() const noexcept {
  if (!session_ || !session_->transferring()) return false;
  return session_->let_in() || session_->protocol() == ReplicationProtocol::classic;
}

/// Not yet when the master has let it in: a log that takes nothing, as with a full disk, would be well at every dial.
void MasterLink::recovered() {
  pause_ = settings_.retry_min;
  last_error_.clear();
  // Also by a link that never had one: what is reported may be that of the link to the master before.
  if (!std::exchange(said_well_, true)) parts_.report_lagging({});
}

void MasterLink::ask_for_flush() {
  const PhysicalOffset end = parts_.log->log_max();
  if (flush_asked_ || end <= flushed_) return;
  flush_asked_ = true;
  parts_.flush_gate->wait_for(end, std::chrono::steady_clock::now() + kFlushDeadline,
                              [self = shared_from_this(), mine = connection_, end](const Status& status) {
                                boost::asio::post(self->context_, [self, mine, end, status] {
                                  if (self->is_current(mine) && self->session_) self->flushed(end, status);
                                });
                              });
}

void MasterLink::flushed(PhysicalOffset end, const Status& status) {
  if (!status) return broken(status.error());
  flush_asked_ = false;
  flushed_ = end;
  session_->flushed(end);
  send_output();
  if (session_) ask_for_flush();
}

void MasterLink::tick(Time now) {
  if (!session_) return;
  const Status fine = session_->tick(now);
  if (is_held() && (!fine || now - connected_at_ >= settings_.answer_patience)) note_held();
  if (!fine) return broken(fine.error());
  send_output();
}

void MasterLink::epoch_changed() {
  if (session_ && session_->follows_required_epoch()) return;
  pause_ = settings_.retry_min;
  broken(Error(Errc::disconnected, "who may be followed is another one now"));
}

/// The socket is closed, the next dial follows after a pause.
void MasterLink::broken(const Error& why) {
  if (session_) {
    const std::string last = session_->take_output();
    if (!last.empty()) (void)::send(socket_.native_handle(), last.data(), last.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  // A Java master does not wait longer than 20 s (haHousekeepingInterval) for what a held connection does not say.
  const bool is_news = !is_held() || !said_held_;
  session_.reset();
  ++connection_;
  resolver_.cancel();
  boost::system::error_code ignored;  // the descriptor is gone either way
  socket_.close(ignored);
  said_well_ = false;
  if (is_news) {
    last_error_ = why.message();
    parts_.report_lagging(text("master ", master_, ": ", last_error_));
  }
  const auto spread = pause_.count() / 4;
  const std::chrono::milliseconds pause{pause_.count() +
                                        (spread > 0 ? static_cast<std::int64_t>(jitter_()) % spread : 0)};
  pause_ = std::min(pause_ * 2, settings_.retry_max);
  timer_.expires_after(pause);
  timer_.async_wait([self = shared_from_this(), mine = connection_](const boost::system::error_code& error) {
    if (!error && self->is_current(mine)) self->dial();
  });
}

MasterStatus MasterLink::status(Time now) const {
  MasterStatus status;
  status.address = master_;
  status.connected = session_ && session_->transferring();
  status.last_error = last_error_;
  if (is_held()) status.held_because = kHeldBecause;
  if (status.connected) status.protocol = session_->protocol();
  status.heard = known_log_max_.has_value();
  status.log_max = known_log_max_.value_or(PhysicalOffset{});
  status.confirmed = known_confirmed_;
  status.lag_bytes = std::max<std::int64_t>(status.log_max - parts_.log->log_received(), 0);
  if (status.lag_bytes > 0)
    status.lag_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - up_to_date_at_).count();
  return status;
}

}  // namespace tenon::ha
