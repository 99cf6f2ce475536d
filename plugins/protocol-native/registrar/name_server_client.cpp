// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/registrar/name_server_client.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <utility>

#include "remoting/frame.hpp"
#include "remoting/response_code.hpp"

namespace tenon::protocol_native {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

/// More are waiting only when a name server has stopped answering; its requests time out one after the other.
constexpr std::size_t kWaitingMax = 256;
constexpr std::size_t kReadBytes = 16 * 1024;

Result<NameServerClient::Answer> content_of(const remoting::Command& answer) {
  if (answer.code == 0) {
    return NameServerClient::Answer{{std::string(answer.field("masterAddr").value_or("")),
                                     std::string(answer.field("haServerAddr").value_or("")),
                                     {}},
                                    {reinterpret_cast<const char*>(answer.body.data()), answer.body.size()},
                                    answer.field("changed") == "true"};
  }
  const bool unknown_topic = answer.code == static_cast<std::int32_t>(remoting::ResponseCode::topic_not_exist);
  const Errc errc = unknown_topic ? Errc::topic_not_exist : Errc::internal;
  return Error(errc, text("name server answered ", answer.code, ": ", answer.remark.value_or("no remark")));
}

}  // namespace

Result<HostAndPort> split_host_and_port(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == address.size()) {
    return Error(Errc::invalid_parameter, text("name server '", address, "' is not host:port"));
  }
  std::string_view host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return HostAndPort{std::string(host), std::string(address.substr(colon + 1))};
}

NameServerClient::NameServerClient(asio::any_io_executor executor, HostAndPort address, LeadsNowhere leads_nowhere)
    : executor_(std::move(executor)),
      address_(std::move(address)),
      leads_nowhere_(std::move(leads_nowhere)),
      resolver_(executor_) {}

void NameServerClient::call(std::int32_t opaque, remoting::OutputBuffer frame, std::chrono::milliseconds timeout,
                            Answered answered) {
  auto work = [self = shared_from_this(), opaque, frame = std::move(frame), timeout,
               answered = std::move(answered)]() mutable {
    self->enqueue(opaque, std::move(frame), timeout, std::move(answered));
  };
  asio::post(executor_, std::move(work));
}

void NameServerClient::close() {
  asio::post(executor_, [self = shared_from_this()] { self->disconnect("closed by this broker"); });
}

void NameServerClient::enqueue(std::int32_t opaque, remoting::OutputBuffer frame, std::chrono::milliseconds timeout,
                               Answered answered) {
  if (waiting_.size() >= kWaitingMax) {
    return answered(Error(Errc::busy, text("name server ", address_.host, " owes ", kWaitingMax, " answers")));
  }
  auto timer = std::make_unique<asio::steady_timer>(executor_, timeout);
  timer->async_wait([self = shared_from_this(), opaque](const ErrorCode& cancelled) {
    if (!cancelled) self->time_out(opaque);
  });
  waiting_[opaque] = {std::move(answered), std::move(timer)};
  outgoing_.push_back(std::move(frame));
  if (state_ == State::closed) connect();
  if (state_ == State::open) write_next();
}

void NameServerClient::connect() {
  state_ = State::connecting;
  socket_ = std::make_shared<asio::ip::tcp::socket>(executor_);
  auto resolved = [self = shared_from_this(), socket = socket_](const ErrorCode& failure, const auto& endpoints) {
    if (socket != self->socket_) return;
    if (failure) return self->disconnect(text("resolve: ", failure.message()));
    auto done = [self, socket](const ErrorCode& refused, const auto&) {
      if (socket != self->socket_) return;
      if (refused) return self->disconnect(text("connect: ", refused.message()));
      self->connected();
    };
    asio::async_connect(*socket, endpoints, std::move(done));
  };
  resolver_.async_resolve(address_.host, address_.port, std::move(resolved));
}

void NameServerClient::connected() {
  ErrorCode ignored;
  if (leads_nowhere_ && leads_nowhere_(socket_->local_endpoint(ignored), socket_->remote_endpoint(ignored)))
    return disconnect("it is this process, which serves nobody yet");
  socket_->set_option(asio::ip::tcp::no_delay(true), ignored);
  state_ = State::open;
  received_ = 0;
  read_more();
  write_next();
}

void NameServerClient::write_next() {
  if (writing_ || outgoing_.empty()) return;
  writing_ = true;
  // The frame leaves the queue now: a broken connection clears the queue while this one is still being written.
  auto frame = std::make_shared<remoting::OutputBuffer>(std::move(outgoing_.front()));
  outgoing_.pop_front();
  const auto bytes = asio::buffer(frame->data(), frame->size());
  auto written = [self = shared_from_this(), frame, socket = socket_](const ErrorCode& failure, std::size_t) {
    if (socket != self->socket_) return;
    self->writing_ = false;
    if (failure) return self->disconnect(text("write: ", failure.message()));
    self->write_next();
  };
  asio::async_write(*socket_, bytes, std::move(written));
}

void NameServerClient::read_more() {
  const std::size_t announced = remoting::announced_frame_size({input_.data(), received_});
  input_.resize(std::max(received_ + kReadBytes, announced));
  auto read = [self = shared_from_this(), socket = socket_](const ErrorCode& failure, std::size_t bytes) {
    if (socket != self->socket_) return;
    if (failure) return self->disconnect(text("read: ", failure.message()));
    self->received_ += bytes;
    self->take_frames();
  };
  socket_->async_read_some(asio::buffer(input_.data() + received_, input_.size() - received_), std::move(read));
}

void NameServerClient::take_frames() {
  const auto socket = socket_;
  std::size_t done = 0;
  for (;;) {
    const auto frame = remoting::next_frame({input_.data() + done, received_ - done});
    if (!frame) return disconnect(frame.error().message());
    if (!*frame) break;
    if (const Status decoded = command_.decode(**frame); !decoded) return disconnect(decoded.error().message());
    done += (*frame)->size;
    if (command_.is_response()) take_answer(command_);
    if (socket != socket_) return;  // whoever was answered has closed this connection
  }
  std::memmove(input_.data(), input_.data() + done, received_ - done);
  received_ -= done;
  read_more();
}

void NameServerClient::take_answer(const remoting::Command& answer) {
  const auto found = waiting_.find(answer.opaque);
  if (found == waiting_.end()) return;
  const Answered answered = std::move(found->second.answered);
  waiting_.erase(found);
  answered(content_of(answer));
}

void NameServerClient::time_out(std::int32_t opaque) {
  const auto found = waiting_.find(opaque);
  if (found == waiting_.end()) return;
  const Answered answered = std::move(found->second.answered);
  waiting_.erase(found);
  disconnect("an answer did not come in time");
  answered(Error(Errc::timed_out, text("name server ", address_.host, ':', address_.port, " did not answer in time")));
}

void NameServerClient::disconnect(std::string_view reason) {
  state_ = State::closed;
  writing_ = false;
  outgoing_.clear();
  ErrorCode ignored;
  resolver_.cancel();
  if (const auto socket = std::exchange(socket_, nullptr)) socket->close(ignored);
  for (auto& [opaque, waiting] : std::exchange(waiting_, {})) {
    waiting.answered(Error(Errc::disconnected, text("name server ", address_.host, ':', address_.port, ": ", reason)));
  }
}

}  // namespace tenon::protocol_native
