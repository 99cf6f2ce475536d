// SPDX-License-Identifier: Apache-2.0
#include "faulty_proxy.hpp"

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <vector>

#include "socket_owner.hpp"

namespace tenon::fault {

using boost::asio::ip::tcp;
using ErrorCode = boost::system::error_code;

/// A connection through the proxy: two pipes, each reads a piece and gives it on when the link lets it. One piece is
/// under way at a time, so a link that holds it also holds back whoever sends.
class ProxyConnection : public std::enable_shared_from_this<ProxyConnection> {
 public:
  ProxyConnection(FaultyProxy& proxy, tcp::socket client)
      : proxy_(proxy),
        client_(std::move(client)),
        server_(proxy.io_),
        pipes_{{{Direction::to_server, client_, server_}, {Direction::to_client, server_, client_}}} {}

  /// Which of these processes has made it.
  void look_for_client(const std::map<pid_t, Link>& processes) {
    ErrorCode gone;
    const std::uint16_t port = client_.remote_endpoint(gone).port();
    for (const auto& [process, link] : processes) {
      if (!gone && owns_connection(process, port, proxy_.address().port())) made_by_ = process;
    }
  }
  pid_t made_by() const noexcept { return made_by_; }

  void start() {
    server_.async_connect(proxy_.target_, [self = shared_from_this()](const ErrorCode& refused) {
      if (refused || self->closed_) return self->close();
      ErrorCode ignored;
      self->client_.set_option(tcp::no_delay(true), ignored);
      self->server_.set_option(tcp::no_delay(true), ignored);
      for (Pipe& pipe : self->pipes_) self->read(pipe);
    });
  }

  /// The link has changed.
  void link_changed() {
    for (Pipe& pipe : pipes_) {
      if (pipe.has_gap && way(pipe).flow != Flow::swallow) return close();
      if (pipe.waits) carry(pipe);
    }
  }

  void close() {
    if (std::exchange(closed_, true)) return;
    ErrorCode ignored;
    client_.close(ignored);
    server_.close(ignored);
    for (Pipe& pipe : pipes_) pipe.timer.cancel();
    proxy_.connections_.erase(shared_from_this());
  }

 private:
  struct Pipe;
  const Way& way(const Pipe& pipe) const {
    const Link& link = proxy_.link_of(*this);
    return pipe.direction == Direction::to_server ? link.to_server : link.to_client;
  }

  struct Pipe {
    Pipe(Direction which, tcp::socket& source, tcp::socket& sink)
        : direction(which), from(source), to(sink), timer(source.get_executor()) {}
    const Direction direction;
    tcp::socket &from, &to;
    boost::asio::steady_timer timer;
    std::array<std::byte, 16 * 1024> bytes{};
    std::size_t size = 0;
    bool waits = false;    ///< A piece is held.
    bool has_gap = false;  ///< Something was swallowed.
  };

  void read(Pipe& pipe) {
    pipe.from.async_read_some(boost::asio::buffer(pipe.bytes),
                              [self = shared_from_this(), &pipe](const ErrorCode& failed, std::size_t size) {
                                if (self->closed_) return;
                                if (failed) return self->ended(pipe);
                                pipe.size = size;
                                self->carry(pipe);
                              });
  }

  /// The end of a connection is news, too: over a link that lets nothing through it does not travel.
  void ended(Pipe& pipe) {
    pipe.size = 0;
    pipe.waits = way(pipe).flow != Flow::pass;
    pipe.has_gap = true;
    if (!pipe.waits) close();
  }

  void carry(Pipe& pipe) {
    const Way& way = this->way(pipe);
    pipe.waits = way.flow == Flow::hold;
    if (pipe.waits) return;
    if (pipe.size == 0) return close();
    if (way.flow == Flow::swallow) {
      pipe.has_gap = true;
      return read(pipe);
    }
    auto pause = std::chrono::duration_cast<std::chrono::microseconds>(way.delay);
    if (way.bytes_per_second > 0) pause += std::chrono::microseconds(pipe.size * 1'000'000 / way.bytes_per_second);
    if (pause.count() == 0) return write(pipe);
    pipe.timer.expires_after(pause);
    pipe.timer.async_wait([self = shared_from_this(), &pipe](const ErrorCode&) {
      if (!self->closed_) self->write(pipe);
    });
  }

  void write(Pipe& pipe) {
    const bool cut = proxy_.pass(pipe.direction, pipe.bytes.data(), pipe.size) == Damage::cut;
    boost::asio::async_write(pipe.to, boost::asio::buffer(pipe.bytes, pipe.size),
                             [self = shared_from_this(), &pipe, cut](const ErrorCode& failed, std::size_t) {
                               if (self->closed_) return;
                               failed || cut ? self->close() : self->read(pipe);
                             });
  }

  FaultyProxy& proxy_;
  tcp::socket client_, server_;
  std::array<Pipe, 2> pipes_;
  bool closed_ = false;
  pid_t made_by_ = 0;  ///< 0: nobody of whom it was asked.
};

FaultyProxy::FaultyProxy()
    : acceptor_(io_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
      address_(HostAddress::v4({127, 0, 0, 1}, acceptor_.local_endpoint().port())),
      target_(boost::asio::ip::address_v4::loopback(), 1) {
  accept_next();
  thread_ = std::thread([this] { io_.run(); });
}

FaultyProxy::~FaultyProxy() {
  run([this] {
    acceptor_.close();
    for (const auto& connection : std::vector(connections_.begin(), connections_.end())) connection->close();
  });
  thread_.join();
}

template <class Work>
void FaultyProxy::run(Work work) const {
  std::promise<void> done;
  boost::asio::post(io_, [&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

void FaultyProxy::set_target(const HostAddress& target) {
  run([&] { target_.port(target.port()); });
}

void FaultyProxy::set(const Link& link) {
  run([&] {
    link_ = link;
    links_of_.clear();
    links_changed();
  });
}

void FaultyProxy::set_for(pid_t client, const Link& link) {
  run([&] {
    links_of_[client] = link;
    for (const auto& connection : connections_) connection->look_for_client(links_of_);
    links_changed();
  });
}

void FaultyProxy::links_changed() {
  for (const auto& connection : std::vector(connections_.begin(), connections_.end())) {
    link_of(*connection).refuses ? connection->close() : connection->link_changed();
  }
}

const Link& FaultyProxy::link_of(const ProxyConnection& connection) const {
  const auto own = links_of_.find(connection.made_by());
  return own == links_of_.end() ? link_ : own->second;
}

void FaultyProxy::damage(Direction direction, Damage damage, std::size_t after_bytes) {
  run([&] { harms_[static_cast<int>(direction)] = {damage, after_bytes}; });
}

std::size_t FaultyProxy::damages() const {
  std::size_t count = 0;
  run([&] { count = damages_; });
  return count;
}

void FaultyProxy::accept_next() {
  acceptor_.async_accept([this](const ErrorCode& failed, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (!failed) {
      const auto connection = std::make_shared<ProxyConnection>(*this, std::move(socket));
      connection->look_for_client(links_of_);
      if (!link_of(*connection).refuses) {
        connections_.insert(connection);
        connection->start();
      }
    }
    accept_next();
  });
}

/// Does the damage if its place is among these bytes; of a cut only the bytes before are left.
Damage FaultyProxy::pass(Direction direction, std::byte* bytes, std::size_t& size) {
  Harm& harm = harms_[static_cast<int>(direction)];
  if (harm.damage == Damage::none) return Damage::none;
  if (harm.after_bytes >= size) {
    harm.after_bytes -= size;
    return Damage::none;
  }
  if (harm.damage == Damage::flip) bytes[harm.after_bytes] ^= std::byte{0x20};
  if (harm.damage == Damage::cut) size = harm.after_bytes;
  ++damages_;
  return std::exchange(harm.damage, Damage::none);
}

}  // namespace tenon::fault
