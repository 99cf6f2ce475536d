// SPDX-License-Identifier: Apache-2.0
#include "client/fake_server.hpp"

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>

#include "remoting/command_writer.hpp"
#include "tenon/text.hpp"

namespace tenon::client {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

FakeServer::FakeServer(Handler handler)
    : handler_(std::move(handler)),
      acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      thread_([this] { accept(); }) {}

FakeServer::~FakeServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ::shutdown(acceptor_.native_handle(), SHUT_RDWR);  // wakes accept()
  thread_.join();
  hang_up();
  for (Peer& peer : peers_) peer.thread.join();
}

std::string FakeServer::address() const { return text("127.0.0.1:", acceptor_.local_endpoint().port()); }

void FakeServer::accept() {
  for (;;) {
    ErrorCode failed;
    tcp::socket socket = acceptor_.accept(failed);
    const std::lock_guard lock(mutex_);
    if (failed || stopping_) return;
    Peer& peer = peers_.emplace_back(std::move(socket));
    peer.thread = std::thread([this, &peer] { serve(peer); });
  }
}

void FakeServer::serve(Peer& peer) {
  std::vector<std::byte> in;
  remoting::Command command;
  std::byte chunk[4096];
  for (;;) {
    ErrorCode failed;
    const std::size_t count = peer.socket.read_some(asio::buffer(chunk), failed);
    if (failed) return;
    in.insert(in.end(), chunk, chunk + count);
    for (auto frame = remoting::next_frame(in); frame && *frame; frame = remoting::next_frame(in)) {
      if (!command.decode(**frame)) return;
      remoting::OutputBuffer out;
      if (auto answer = handler_(Reply(command))) {
        remoting::CommandWriter writer(
            out, remoting::response_start(remoting::HeaderType::json, static_cast<remoting::ResponseCode>(answer->code),
                                          command.opaque, answer->remark));
        for (const auto& [name, value] : answer->fields) writer.field(name, value);
        writer.finish(std::string_view(answer->body));
        write(peer, out);
      }
      in.erase(in.begin(), in.begin() + static_cast<std::ptrdiff_t>((*frame)->size));
    }
  }
}

void FakeServer::write(Peer& peer, const remoting::OutputBuffer& out) {
  const std::lock_guard lock(mutex_);
  ErrorCode gone;  // the client may have left: its test knows
  asio::write(peer.socket, asio::buffer(out.data(), out.size()), gone);
}

void FakeServer::push(const Request& request) {
  remoting::OutputBuffer out;
  request.write(out, 1, true);
  const std::lock_guard lock(mutex_);
  ErrorCode gone;
  for (Peer& peer : peers_) asio::write(peer.socket, asio::buffer(out.data(), out.size()), gone);
}

void FakeServer::hang_up() {
  const std::lock_guard lock(mutex_);
  for (Peer& peer : peers_) ::shutdown(peer.socket.native_handle(), SHUT_RDWR);
}

Reply success(std::vector<std::pair<std::string, std::string>> fields, std::string body) {
  Reply reply;
  reply.fields = std::move(fields);
  reply.body = std::move(body);
  return reply;
}

Reply refusal(std::int32_t code, std::string remark) {
  Reply reply;
  reply.code = code;
  reply.remark = std::move(remark);
  return reply;
}

}  // namespace tenon::client
