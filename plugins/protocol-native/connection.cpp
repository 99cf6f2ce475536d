// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "protocol-native/dispatch.hpp"

namespace tenon::protocol_native {
namespace {

/// A tail beyond this is received into directly, instead of being copied before what comes next.
constexpr std::size_t kTailCopyMax = 16 * 1024;
constexpr std::size_t kTailRoomMin = 64 * 1024;
/// Full buffers read in one turn before other connections get theirs.
constexpr int kReceivesPerTurn = 4;
/// Each may answer with a whole frame.
constexpr std::int32_t kDiskWorkMax = 32;

}  // namespace

Connection::Connection(Socket socket, const HostAddress& remote, NetLoop& loop)
    : descriptor_(socket.release()), home_(loop), loop_(&loop), remote_(remote), tail_(loop.server().partial_frames) {}

Connection::~Connection() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Connection::start() {
  self_ = shared_from_this();
  publish_self_ = self_;
  pull_self_ = self_;
  seen_second_ = loop().second();
  loop().add(self_);
  if (!loop().readiness().watch(*this)) close_now("the system watches no more sockets");
}

void Connection::on_ready(std::uint32_t events) {
  const bool gone = (events & (EPOLLERR | EPOLLHUP)) != 0;
  if (gone && resting_) return close_now("the client is gone");
  if ((events & EPOLLOUT) != 0) on_writable();
  if (is_open() && !resting_ && (gone || (events & EPOLLIN) != 0)) receive();
}

bool Connection::read_ahead() { return is_open() && !resting_ && receive(); }

void Connection::on_writable() {
  send_blocked_ = false;
  flush();
  if (!is_open() || send_blocked_) return;
  watch_again();
  if (may_resume()) resume();
}

void Connection::watch_again() { loop().readiness().change(*this, !resting_, send_blocked_); }

/// True when anything came.
bool Connection::receive() {
  bool more = true;
  int count = 0;
  while (more && count < kReceivesPerTurn) {
    const bool into_tail = tail_.size() > kTailCopyMax;
    if (!(into_tail ? receive_into_tail(more) : receive_once(more))) break;
    ++count;
  }
  return count > 0;
}

/// Receives behind a copy of the tail in the thread's buffer. False when the connection has closed or rests.
bool Connection::receive_once(bool& more) {
  const auto buffer = loop().receive_buffer();
  const std::size_t before = tail_.size();
  if (before > 0) std::memcpy(buffer.data(), tail_.bytes().data(), before);
  const auto room = buffer.subspan(before);
  const ssize_t count = ::recv(descriptor_, room.data(), room.size(), MSG_DONTWAIT);
  if (!after_receive(count, room.size(), more)) return false;
  take_in(buffer.first(before + static_cast<std::size_t>(count)), before > 0);
  return is_open() && !resting_;
}

bool Connection::receive_into_tail(bool& more) {
  const std::size_t frame_bytes = remoting::announced_frame_size(tail_.bytes());
  const auto room = tail_.room(kTailRoomMin, frame_bytes);
  if (room.empty()) {
    server().count_refusal("refused.half-frame");
    close_now("too many half-received frames");
    return false;
  }
  const ssize_t count = ::recv(descriptor_, room.data(), room.size(), MSG_DONTWAIT);
  if (!after_receive(count, room.size(), more)) return false;
  tail_.advance(static_cast<std::size_t>(count));
  if (tail_.size() >= frame_bytes) take_in(tail_.bytes(), true);
  return is_open() && !resting_;
}

/// True when `count` bytes came. `more`: there may be more at once.
bool Connection::after_receive(std::int64_t count, std::size_t room, bool& more) {
  if (count > 0) {
    seen_second_ = loop().second();
    more = static_cast<std::size_t>(count) == room;
    return true;
  }
  if (count == 0) {
    close_now("the client closed it");
  } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
    close_now(std::strerror(errno));
  }
  return false;
}

/// Serves the whole frames of `bytes` and keeps the rest.
void Connection::take_in(std::span<const std::byte> bytes, bool had_tail) {
  const auto rest = serve_frames(bytes);
  if (!is_open()) return;
  if (rest.empty()) {
    tail_.size() > kTailRoomMin ? tail_.release() : tail_.clear();
    partial_second_ = 0;
    return;
  }
  const bool same_frame_as_before = had_tail && rest.size() == bytes.size();
  if (!same_frame_as_before || partial_second_ == 0) partial_second_ = resting_ ? 0 : loop().second();
  if (tail_.assign(rest)) return;
  server().count_refusal("refused.half-frame");
  close_now("too many half-received frames");
}

std::span<const std::byte> Connection::serve_frames(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto frame = remoting::next_frame(bytes, server().settings.frame_bytes_max);
    if (!frame) {
      close_now(frame.error().message());
      break;
    }
    if (!*frame) break;
    serve_frame(**frame);
    if (!is_open()) break;
    bytes = bytes.subspan((*frame)->size);
    if (must_rest()) break;
  }
  return bytes;
}

void Connection::serve_frame(const remoting::FrameView& frame) {
  remoting::Command& command = loop().command();
  remoting::JavaSendHeader& send = loop().java_send();
  if (send.decode(frame, command)) return dispatch(command, self_, server(), &send.fields());
  if (const auto decoded = command.decode(frame); !decoded) return close_now(decoded.error().message());
  if (command.is_response()) return loop().calls().complete(*this, command);
  dispatch(command, self_, server());
}

/// Requests wait in the tail while the client does not take its answers, or the disk is asked for many.
bool Connection::must_rest() {
  const bool full = has_too_much_unsent();
  if (!is_open()) return true;
  resting_ = full || disk_work_ >= kDiskWorkMax;
  if (resting_) watch_again();
  return resting_;
}

bool Connection::has_too_much_unsent() {
  const std::int64_t high = server().settings.output_high_bytes;
  if (!output_ || output_->unsent() < high) return false;
  if (!loop().hand_over()) return true;
  flush();
  return output_ && output_->unsent() >= high;
}

bool Connection::may_resume() noexcept {
  const bool unsent_is_low = !output_ || output_->unsent() <= server().settings.output_low_bytes();
  return resting_ && unsent_is_low && disk_work_ < kDiskWorkMax;
}

void Connection::end_disk_work() {
  --disk_work_;
  if (!resting_ || !is_open()) return;
  flush();  // no turn is open here: what waits to be sent is stored
  if (!is_open() || !may_resume()) return;
  const NetLoop::Turn turn(loop());
  resume();
}

void Connection::resume() {
  resting_ = false;
  if (!tail_.empty()) take_in(tail_.bytes(), true);
  if (is_open() && !resting_) watch_again();
}

Output& Connection::output() {
  if (!output_) output_ = loop().borrow_output();
  if (!flush_listed_ && !send_blocked_) {
    flush_listed_ = true;
    loop().flush_later(*this);
  }
  return *output_;
}

void Connection::flush() {
  flush_listed_ = false;
  if (!is_open() || !output_ || send_blocked_ || output_->empty()) return;
  seen_second_ = blocked_second_ = loop().second();
  switch (output_->send_to(descriptor_)) {
    case Output::Sent::all:
      return loop().give_back(std::move(output_));
    case Output::Sent::failed:
      return close_now("the client is gone");
    case Output::Sent::would_block:
      break;
  }
  send_blocked_ = true;
  watch_again();
}

void Connection::sweep() {
  const NetLoop& here = loop();
  const Settings& settings = server().settings;
  const auto longer_than = [&here](std::uint32_t since, std::chrono::seconds limit) {
    return here.seconds_since(since) > limit.count();
  };
  if (partial_second_ != 0 && longer_than(partial_second_, settings.frame_timeout)) {
    return close_now("a frame was not complete in time");
  }
  if (send_blocked_ && longer_than(blocked_second_, settings.write_timeout)) {
    return close_now("the client does not read its answers");
  }
  if (longer_than(seen_second_, settings.idle_timeout)) return close_now("idle");
  if (tail_.empty() && here.seconds_since(seen_second_) > 1) tail_.release();
  if (here.seconds_since(seen_second_) > 1) sends_.release_if_idle();
  if (&loop_to_live_on() != &here) loop().move_later(*this);
}

void Connection::close_now(std::string_view reason) noexcept {
  if (!open_.exchange(false)) return;
  server().log.debug("connection ", remote_, " closed: ", reason);
  loop().readiness().forget(*this);
  ::close(std::exchange(descriptor_, -1));
  output_.reset();
  server().connections.fetch_sub(1, std::memory_order_relaxed);
  loop().remove(*this);
  loop().calls().disconnected(*this);
  if (server().services.clients != nullptr) server().services.clients->channel_closed(*this);
  if (server().services.routes != nullptr) server().services.routes->channel_closed(*this);
}

void Connection::forget_self() noexcept {
  tail_.release();  // not earlier: the request being served may lie in it
  publish_self_.reset();
  pull_self_.reset();
  self_.reset();
}

}  // namespace tenon::protocol_native
