// SPDX-License-Identifier: Apache-2.0
#include "ha/replica_connection.hpp"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ha/log_warmer.hpp"

namespace tenon::ha {
namespace {

/// Chunks of one slave before others have a turn: one that catches up must not keep one waiting that sends are waiting
/// for.
constexpr int kChunksInARow = 2;

}  // namespace

std::string who_is(const replication::MasterSession& session, const HostAddress& remote) {
  if (session.broker_id() >= 0) return text("id ", session.broker_id());
  const auto bytes = remote.bytes();
  return {bytes.begin(), bytes.end()};
}

ReplicaConnection::ReplicaConnection(Socket socket, HostAddress remote, replication::MasterSession session,
                                     Owner& owner, Parts parts)
    : socket_(std::move(socket)),
      remote_(remote),
      session_(std::move(session)),
      who_(who_is(session_, remote_)),
      owner_(owner),
      parts_(std::move(parts)) {}

template <class Work>
void ReplicaConnection::in_turn(Work work) {
  {
    const std::scoped_lock lock(owner_.mutex());
    work();
  }
  owner_.settle();
}

void ReplicaConnection::read() {
  socket_.async_receive(boost::asio::buffer(input_),
                        [self = shared_from_this()](const boost::system::error_code& error, std::size_t count) {
                          self->in_turn([&] { self->take(error, count); });
                        });
}

void ReplicaConnection::take(const boost::system::error_code& error, std::size_t count) {
  if (is_closed()) return;
  if (error == boost::asio::error::eof) return close(Error(Errc::disconnected, "the slave closed the connection"));
  if (error) return close(Error(Errc::disconnected, error.message()));
  const auto bytes = std::span(input_).first(count);
  if (const Status fine = session_.receive(bytes, std::chrono::steady_clock::now()); !fine) return close(fine.error());
  owner_.progressed(*this);
  if (!is_closed() && parts_.send_when_acknowledged) pump();
  if (!is_closed()) read();
}

void ReplicaConnection::pump() {
  if (pump_posted_) return;  // others first
  for (int chunk = 0; chunk < kChunksInARow; ++chunk) {
    if (blocked_ || is_closed() || (!pending_ && !fetch())) return;
    switch (send_pending()) {
      case Sent::all:
        pending_.reset();
        break;
      case Sent::blocked:
        return wait_for_room();
      case Sent::failed:
        return close(Error(Errc::disconnected, std::strerror(errno)));
    }
  }
  pump_later();
}

void ReplicaConnection::pump_later() {
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->in_turn([&] {
      self->pump_posted_ = false;
      self->pump();
    });
  });
  pump_posted_ = true;
}

/// Makes the next thing to send pending_; false if there is none.
bool ReplicaConnection::fetch() {
  if (!lies_in_memory()) return false;
  auto next = session_.next(owner_.confirmed(), std::chrono::steady_clock::now());
  if (!next) {
    close(next.error());
    return false;
  }
  pending_ = std::move(*next);
  sent_ = 0;
  return pending_.has_value();
}

/// False: it is being brought there, and pump() is called then.
bool ReplicaConnection::lies_in_memory() {
  const PhysicalOffset at = session_.sent();
  if (parts_.log.log_max() - at <= kHotBytes) return true;
  // Half of what was brought is left while the next is: so the socket need not wait for the disk, as far as that goes.
  if (warm_end_ - at < kWarmBytes / 2) warm(std::max(at, warm_end_));
  return warm_end_ - at >= session_.batch_bytes();
}

void ReplicaConnection::warm(PhysicalOffset begin) {
  if (warming_) return;
  boost::asio::post(parts_.cold_reads, [self = shared_from_this(), begin] {
    const PhysicalOffset end = bring_into_memory(self->parts_.log, begin, kWarmBytes);
    boost::asio::post(self->socket_.get_executor(), [self, end] {
      self->in_turn([&] {
        self->warming_ = false;
        self->warm_end_ = end;
        self->pump();
      });
    });
  });
  warming_ = true;
}

ReplicaConnection::Sent ReplicaConnection::send_pending() {
  const std::size_t whole =
      pending_->head.size() + (pending_->stretch ? static_cast<std::size_t>(pending_->stretch->length) : 0);
  while (sent_ < whole) {
    const auto* file = pending_->stretch ? std::get_if<FileSlice>(&pending_->stretch->bytes) : nullptr;
    std::span<const std::byte> body;
    if (pending_->stretch && file == nullptr) body = std::get<MemorySlice>(pending_->stretch->bytes).bytes;
    const Sent sent = file != nullptr && sent_ >= pending_->head.size() ? send_file(*file) : send_memory(body);
    if (sent != Sent::all) return sent;
  }
  return Sent::all;
}

/// What is left of the head, and of the body if it lies in memory.
ReplicaConnection::Sent ReplicaConnection::send_memory(std::span<const std::byte> body) {
  const std::string& head = pending_->head;
  const std::size_t of_head = std::min(sent_, head.size());
  const auto rest = body.empty() ? body : body.subspan(sent_ - of_head);
  std::array<iovec, 2> parts{{{const_cast<char*>(head.data()) + of_head, head.size() - of_head},
                              {const_cast<std::byte*>(rest.data()), rest.size()}}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  const bool file_follows = pending_->stretch && body.empty();
  return count(
      ::sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL | (file_follows ? MSG_MORE : 0)));
}

ReplicaConnection::Sent ReplicaConnection::send_file(const FileSlice& file) {
  const std::size_t done = sent_ - pending_->head.size();
  off_t from = file.offset + static_cast<off_t>(done);
  return count(
      ::sendfile(socket_.native_handle(), file.descriptor, &from, static_cast<std::size_t>(file.length) - done));
}

ReplicaConnection::Sent ReplicaConnection::count(ssize_t sent) {
  if (sent > 0) sent_ += static_cast<std::size_t>(sent);
  if (sent > 0 || (sent < 0 && errno == EINTR)) return Sent::all;
  if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Sent::blocked;
  if (sent == 0) errno = EIO;  // sendfile: the file is shorter than the log says
  return Sent::failed;
}

void ReplicaConnection::wait_for_room() {
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const boost::system::error_code& error) {
    self->in_turn([&] {
      self->blocked_ = false;
      if (!error) self->pump();
    });
  });
  blocked_ = true;
}

void ReplicaConnection::note_progress(PhysicalOffset log_end, Time now) noexcept {
  if (session_.acknowledged() < mark_) return;
  up_to_date_at_ = mark_at_;
  mark_ = log_end;
  mark_at_ = now;
}

void ReplicaConnection::tick(Time now) {
  if (const Status heard = session_.check_silence(now); !heard) return close(heard.error());
  pump();
}

void ReplicaConnection::close(const Error& why) {
  if (is_closed()) return;
  const auto self = shared_from_this();
  if (const std::string last = session_.farewell(why); !last.empty() && !pending_) {
    // One try: nobody waits for a slave that is refused.
    (void)::send(socket_.native_handle(), last.data(), last.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  boost::system::error_code ignored;  // the descriptor is gone either way
  socket_.shutdown(Socket::shutdown_send, ignored);
  socket_.close(ignored);
  pending_.reset();
  owner_.closed(*this, why);
}

}  // namespace tenon::ha
