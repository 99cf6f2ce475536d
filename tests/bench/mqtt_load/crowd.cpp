// SPDX-License-Identifier: Apache-2.0
#include "crowd.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace mqtt_load {
namespace {

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("connect");
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

}  // namespace

Crowd::Crowd(std::uint16_t port, Listener& listener)
    : port_(port), listener_(listener), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

Crowd::~Crowd() {
  for (const Client& client : clients_) {
    if (client.socket >= 0) ::close(client.socket);
  }
  ::close(epoll_);
}

void Crowd::watch(std::size_t index, bool for_room, bool is_new) {
  epoll_event event{};
  event.events = for_room ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.u64 = index;
  ::epoll_ctl(epoll_, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, clients_[index].socket, &event);
}

std::size_t Crowd::add(const std::string& client_id, const std::string& filter, int qos) {
  const std::size_t index = clients_.size();
  Client& client = clients_.emplace_back();
  client.socket = connect_to(port_);
  client.filter = filter;
  client.qos = qos;
  put_connect(client.output, client_id);
  watch(index, false, true);
  list(index);
  return index;
}

void Crowd::list(std::size_t index) {
  if (!std::exchange(clients_[index].listed, true)) to_send_.push_back(index);
}

void Crowd::publish(std::size_t client, std::string_view topic, std::string_view payload, int qos) {
  Client& from = clients_[client];
  if (qos > 0 && ++from.last_id == 0) from.last_id = 1;
  put_publish(from.output, topic, payload, qos, from.last_id);
  list(client);
}

void Crowd::leave(std::size_t client) {
  const char disconnect[] = {static_cast<char>(0xE0), 0};
  (void)!::send(clients_[client].socket, disconnect, sizeof disconnect, MSG_NOSIGNAL);
  ::close(std::exchange(clients_[client].socket, -1));
}

void Crowd::turn(int timeout_ms) {
  std::array<epoll_event, 512> events;
  const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
  for (int i = 0; i < count; ++i) {
    const std::size_t index = events[static_cast<std::size_t>(i)].data.u64;
    if ((events[static_cast<std::size_t>(i)].events & EPOLLOUT) != 0) {
      clients_[index].blocked = false;
      watch(index, false, false);
      list(index);
    }
    if ((events[static_cast<std::size_t>(i)].events & ~std::uint32_t{EPOLLOUT}) != 0) read(index);
  }
  for (const std::size_t index : std::exchange(to_send_, {})) send(index);
}

void Crowd::read(std::size_t index) {
  static std::array<char, 65536> buffer;
  if (clients_[index].socket < 0) return;
  const ssize_t count = ::recv(clients_[index].socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) fail("the server closed a connection");
  std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
  std::string whole = std::exchange(clients_[index].input, {});
  if (!whole.empty()) bytes = whole.append(bytes);
  while (true) {
    const Packet packet = bytes.empty() ? Packet{} : next_packet(bytes);
    if (packet.size == 0) break;
    bytes.remove_prefix(packet.size);
    serve(index, packet);
  }
  if (clients_[index].socket >= 0) clients_[index].input.assign(bytes);
}

void Crowd::serve(std::size_t index, const Packet& packet) {
  Client& client = clients_[index];
  switch (packet.type()) {
    case 2:  // CONNACK
      if (packet.body[1] != 0) fail("CONNECT was refused");
      if (client.filter.empty()) {
        ++ready_;
        return listener_.ready(index);
      }
      put_subscribe(client.output, client.filter, client.qos);
      return list(index);
    case 9:  // SUBACK
      ++ready_;
      return listener_.ready(index);
    case 5:  // PUBREC
      put_answer(client.output, 0x62, packet.u16_at(0));
      return list(index);
    case 6:  // PUBREL
      put_answer(client.output, 0x70, packet.u16_at(0));
      return list(index);
    case 3:
      break;
    default:  // PUBACK, PUBCOMP
      return;
  }
  const int qos = packet.first >> 1 & 3;
  const std::size_t topic = std::size_t{2} + packet.u16_at(0);
  if (qos > 0) {
    put_answer(client.output, qos == 1 ? 0x40 : 0x50, packet.u16_at(topic));
    list(index);
  }
  listener_.message(index, packet.body.substr(topic + (qos > 0 ? 2 : 0)));
}

void Crowd::send(std::size_t index) {
  Client& client = clients_[index];
  client.listed = false;
  if (client.blocked || client.socket < 0 || client.output.empty()) return;
  const ssize_t count = ::send(client.socket, client.output.data(), client.output.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count < 0 && errno != EAGAIN && errno != EINTR) fail("send");
  if (count > 0) client.output.erase(0, static_cast<std::size_t>(count));
  if (client.output.empty()) return;
  client.blocked = true;
  watch(index, true, false);
}

}  // namespace mqtt_load
