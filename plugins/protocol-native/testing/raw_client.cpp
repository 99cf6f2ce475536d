// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/testing/raw_client.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "remoting/command_writer.hpp"
#include "remoting/frame.hpp"

namespace tenon::protocol_native {
namespace {

using Clock = std::chrono::steady_clock;

ReceivedFrame copy_of(const remoting::Command& command, const remoting::FrameView& frame) {
  ReceivedFrame copy;
  copy.code = command.code;
  copy.opaque = command.opaque;
  copy.flag = command.flag;
  copy.version = command.version;
  copy.type = frame.type;
  copy.header.assign(reinterpret_cast<const char*>(frame.header.data()), frame.header.size());
  if (command.remark) copy.remark = std::string(*command.remark);
  copy.has_fields = command.has_fields;
  for (const auto& field : command.fields) copy.fields[std::string(field.name)] = std::string(field.value);
  copy.body.assign(reinterpret_cast<const char*>(command.body.data()), command.body.size());
  return copy;
}

}  // namespace

RawClient::RawClient(const HostAddress& server) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  std::memcpy(&address.sin_addr, server.bytes().data(), 4);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    throw std::runtime_error("cannot connect");
  }
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

RawClient::~RawClient() { ::close(socket_); }

std::string RawClient::frame(remoting::RequestCode code, std::int32_t opaque, const FieldList& fields,
                             std::string_view body, std::int32_t flag, remoting::HeaderType type,
                             std::int32_t version) {
  remoting::OutputBuffer out;
  auto start = remoting::request_start(type, code, opaque);
  start.flag = flag;
  start.version = version;
  remoting::CommandWriter writer(out, start);
  for (const auto& [name, value] : fields) writer.field(name, value);
  writer.finish(body);
  return std::string(out.text());
}

void RawClient::send_bytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;  // the test sees it when it reads
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::int32_t RawClient::send(remoting::RequestCode code, const FieldList& fields, std::string_view body,
                             std::int32_t flag) {
  const std::int32_t opaque = next_opaque_++;
  send_bytes(frame(code, opaque, fields, body, flag));
  return opaque;
}

ReceivedFrame RawClient::call(remoting::RequestCode code, const FieldList& fields, std::string_view body) {
  return next_answer(send(code, fields, body)).value_or(ReceivedFrame{});
}

void RawClient::answer(const ReceivedFrame& request, std::int32_t code, std::string_view body) {
  send_bytes(frame(static_cast<remoting::RequestCode>(code), request.opaque, {}, body, remoting::kResponseFlag));
}

std::optional<ReceivedFrame> RawClient::next(std::chrono::milliseconds timeout) {
  if (!kept_.empty()) {
    auto first = std::move(kept_.front());
    kept_.erase(kept_.begin());
    return first;
  }
  const auto deadline = Clock::now() + timeout;
  for (;;) {
    if (auto frame = take_frame()) return frame;
    if (!receive_some(deadline)) return std::nullopt;
  }
}

std::optional<ReceivedFrame> RawClient::next_answer(std::int32_t opaque) {
  const auto deadline = Clock::now() + std::chrono::seconds(10);
  const auto is_answer = [opaque](const ReceivedFrame& frame) {
    return frame.opaque == opaque && (frame.flag & remoting::kResponseFlag) != 0;
  };
  if (const auto found = std::find_if(kept_.begin(), kept_.end(), is_answer); found != kept_.end()) {
    auto frame = std::move(*found);
    kept_.erase(found);
    return frame;
  }
  for (;;) {
    while (auto frame = take_frame()) {
      if (is_answer(*frame)) return frame;
      kept_.push_back(*std::move(frame));
    }
    if (!receive_some(deadline)) return std::nullopt;
  }
}

bool RawClient::closed_by_server(std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  while (receive_some(deadline)) input_.clear();
  return ended_;
}

void RawClient::finish_sending() { ::shutdown(socket_, SHUT_WR); }

bool RawClient::receive_some(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  pollfd wait{socket_, POLLIN, 0};
  if (left < 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0) return false;
  std::byte buffer[64 * 1024];
  const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
  if (count <= 0) {
    ended_ = true;
    return false;
  }
  input_.insert(input_.end(), buffer, buffer + count);
  return true;
}

std::optional<ReceivedFrame> RawClient::take_frame() {
  const auto frame = remoting::next_frame(input_).value();
  if (!frame) return std::nullopt;
  remoting::Command command;
  command.decode(*frame).value();
  auto copy = copy_of(command, *frame);
  input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(frame->size));
  return copy;
}

}  // namespace tenon::protocol_native
