// SPDX-License-Identifier: Apache-2.0
#include "client/remoting_connection.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <utility>

#include "client/peer_address.hpp"
#include "remoting/command_writer.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::size_t kReadBytes = 64 * 1024;

Error connection_error(const std::string& what, const std::string& address, const ErrorCode& code) {
  return Error(Errc::disconnected, text(what, " ", address, ": ", code.message()));
}

void write_reply(remoting::OutputBuffer& out, const Reply& reply, std::int32_t opaque) {
  remoting::HeaderStart start =
      remoting::response_start(remoting::HeaderType::json, static_cast<remoting::ResponseCode>(reply.code), opaque);
  start.language = remoting::Language::cpp;
  if (!reply.remark.empty()) start.remark = reply.remark;
  remoting::CommandWriter writer(out, start);
  for (const auto& [name, value] : reply.fields) writer.field(name, value);
  writer.finish(std::string_view(reply.body));
}

}  // namespace

RemotingConnection::RemotingConnection(const asio::any_io_executor& executor, std::string address,
                                       const RemotingOptions& options, Push push)
    : address_(std::move(address)),
      options_(options),
      push_(std::move(push)),
      resolver_(executor),
      socket_(executor),
      connect_timer_(executor),
      in_(kReadBytes) {}

void RemotingConnection::open() {
  if (std::string complaint = complaint_about_address(address_); !complaint.empty()) {
    // Later, so that a call made right after open() still finds its place and is told the reason.
    asio::post(socket_.get_executor(), [self = shared_from_this(), complaint = std::move(complaint)]() mutable {
      self->close(Error(Errc::invalid_parameter, std::move(complaint)));
    });
    return;
  }
  const std::size_t colon = address_.rfind(':');
  connect_timer_.expires_after(options_.connect_timeout);
  connect_timer_.async_wait([self = shared_from_this()](const ErrorCode& failed) {
    if (!failed && self->state_ == State::connecting) {
      self->close(Error(Errc::disconnected, text("connect to ", self->address_, ": no answer within ",
                                                 self->options_.connect_timeout.count(), " ms")));
    }
  });
  resolver_.async_resolve(
      address_.substr(0, colon), address_.substr(colon + 1),
      [self = shared_from_this()](const ErrorCode& failed, const tcp::resolver::results_type& found) {
        if (self->state_ != State::connecting) return;
        if (failed) return self->close(connection_error("resolve", self->address_, failed));
        self->connect(found);
      });
}

void RemotingConnection::connect(const tcp::resolver::results_type& found) {
  asio::async_connect(socket_, found, [self = shared_from_this()](const ErrorCode& failed, const tcp::endpoint&) {
    if (self->state_ != State::connecting) return;
    if (failed) return self->close(connection_error("connect to", self->address_, failed));
    self->connected();
  });
}

void RemotingConnection::connected() {
  state_ = State::open;
  connect_timer_.cancel();
  ErrorCode ignored;  // an optimisation: without it the connection is slower, not wrong
  socket_.set_option(tcp::no_delay(true), ignored);
  read_more();
  write_more();
}

std::int32_t RemotingConnection::next_opaque() noexcept {
  opaque_ = (opaque_ + 1) & 0x7FFFFFFF;
  return opaque_;
}

void RemotingConnection::call(const Request& request, Milliseconds timeout, RemotingClient::Callback callback) {
  if (state_ == State::closed)
    return callback(Error(Errc::disconnected, text("the connection to ", address_, " is closed")));
  if (calls_.size() >= options_.in_flight_max || unsent_.size() + request.body_bytes() > options_.unsent_bytes_max) {
    return callback(Error(Errc::busy, text(address_, " does not keep up: ", calls_.size(),
                                           " requests wait for an answer, ", unsent_.size(), " bytes are unsent")));
  }
  const std::int32_t opaque = next_opaque();
  auto call = std::make_unique<Call>(socket_.get_executor());
  call->callback = std::move(callback);
  call->timer.expires_after(timeout);
  call->timer.async_wait([self = shared_from_this(), opaque, timeout](const ErrorCode& failed) {
    if (failed) return;
    self->finish(opaque,
                 Error(Errc::timed_out, text("no answer from ", self->address_, " within ", timeout.count(), " ms")));
  });
  calls_[opaque] = std::move(call);
  request.write(unsent_, opaque, false);
  write_more();
}

void RemotingConnection::send_oneway(const Request& request) {
  if (state_ == State::closed || unsent_.size() + request.body_bytes() > options_.unsent_bytes_max) return;
  request.write(unsent_, next_opaque(), true);
  write_more();
}

void RemotingConnection::finish(std::int32_t opaque, Result<Reply> outcome) {
  const auto found = calls_.find(opaque);
  if (found == calls_.end()) return;  // it timed out before
  const auto callback = std::move(found->second->callback);
  calls_.erase(found);
  callback(std::move(outcome));
}

void RemotingConnection::close(const Error& reason) {
  if (state_ == State::closed) return;
  state_ = State::closed;
  ErrorCode ignored;
  socket_.close(ignored);
  resolver_.cancel();
  connect_timer_.cancel();
  auto calls = std::move(calls_);
  calls_.clear();
  for (auto& [opaque, call] : calls) call->callback(reason);
}

void RemotingConnection::read_more() {
  const auto room = asio::buffer(in_.data() + in_size_, in_.size() - in_size_);
  socket_.async_read_some(room, [self = shared_from_this()](const ErrorCode& failed, std::size_t count) {
    if (self->state_ == State::closed) return;
    if (failed) return self->close(connection_error("connection to", self->address_, failed));
    self->in_size_ += count;
    self->take_frames();
    if (self->state_ != State::closed) self->read_more();
  });
}

void RemotingConnection::take_frames() {
  std::size_t begin = 0;
  while (state_ != State::closed) {
    const auto rest = std::span<const std::byte>(in_).subspan(begin, in_size_ - begin);
    const auto frame = remoting::next_frame(rest);
    if (!frame) return close(Error(Errc::corrupt, text("from ", address_, ": ", frame.error().message())));
    if (!*frame) {
      const std::size_t wanted = remoting::announced_frame_size(rest);
      std::memmove(in_.data(), in_.data() + begin, rest.size());
      in_size_ = rest.size();
      in_.resize(std::max(wanted, kReadBytes));  // next_frame() has checked the announcement
      return;
    }
    take(**frame);
    begin += (*frame)->size;
  }
}

void RemotingConnection::take(const remoting::FrameView& frame) {
  if (auto decoded = command_.decode(frame); !decoded) {
    return close(Error(Errc::corrupt, text("from ", address_, ": ", decoded.error().message())));
  }
  if (command_.is_response()) return finish(command_.opaque, Reply(command_));
  answer_push();
}

void RemotingConnection::answer_push() {
  const std::int32_t opaque = command_.opaque;
  const bool oneway = command_.is_oneway();
  auto answer = push_(Reply(command_));
  if (oneway) return;
  if (!answer) {
    answer.emplace();
    answer->code = static_cast<std::int32_t>(remoting::ResponseCode::request_code_not_supported);
    answer->remark = "request type not supported by this client";
  }
  write_reply(unsent_, *answer, opaque);
  write_more();
}

void RemotingConnection::write_more() {
  if (writing_ || state_ != State::open || unsent_.empty()) return;
  writing_ = true;
  sending_.swap(unsent_);
  asio::async_write(socket_, asio::buffer(sending_.data(), sending_.size()),
                    [self = shared_from_this()](const ErrorCode& failed, std::size_t) {
                      self->writing_ = false;
                      self->sending_.clear();
                      self->sending_.shrink_above(kReadBytes * 16);
                      if (self->state_ == State::closed) return;
                      if (failed) return self->close(connection_error("connection to", self->address_, failed));
                      self->write_more();
                    });
}

}  // namespace tenon::client
