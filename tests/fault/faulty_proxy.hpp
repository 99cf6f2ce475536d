// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "tenon/host_address.hpp"

namespace tenon::fault {

/// What becomes of bytes on their way.
enum class Flow {
  pass,
  hold,     ///< They wait, and arrive when it is over: a link that is down while both ends go on believing in it.
  swallow,  ///< They vanish. When it is over the connection ends, as no TCP connection goes on with a gap.
};

/// One direction of a link.
struct Way {
  Flow flow = Flow::pass;
  std::chrono::milliseconds delay{0};  ///< Of each piece of at most 16 KiB, one after the other.
  std::size_t bytes_per_second = 0;    ///< 0: as fast as it goes.
};

/// A link between a client and a server.
struct Link {
  Way to_server = {}, to_client = {};
  bool refuses = false;  ///< Connections are closed, and new ones at once.
};

enum class Direction { to_server, to_client };
/// Done once to the byte at some place in the stream of all connections together.
enum class Damage { none, cut, flip };

class ProxyConnection;

/// Carries TCP connections to a server, and is the bad network between. Constant address on 127.0.0.1, a thread of its
/// own. Threads: any; each call has taken effect when it returns.
class FaultyProxy {
 public:
  FaultyProxy();
  FaultyProxy(const FaultyProxy&) = delete;
  FaultyProxy& operator=(const FaultyProxy&) = delete;
  ~FaultyProxy();

  const HostAddress& address() const noexcept { return address_; }
  /// Where new connections lead to.
  void set_target(const HostAddress& target);
  /// The link of all connections.
  void set(const Link& link);
  /// Another link for the connections that this process makes, until set() or heal().
  void set_for(pid_t client, const Link& link);
  void heal() { set({}); }
  /// The connection ends in the middle, or the byte is changed, when so many more have passed.
  void damage(Direction direction, Damage damage, std::size_t after_bytes);
  /// Damages that have happened.
  std::size_t damages() const;

 private:
  friend class ProxyConnection;
  struct Harm {
    Damage damage = Damage::none;
    std::size_t after_bytes = 0;
  };

  template <class Work>
  void run(Work work) const;
  void accept_next();
  const Link& link_of(const ProxyConnection& connection) const;
  void links_changed();
  Damage pass(Direction direction, std::byte* bytes, std::size_t& size);

  mutable boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  HostAddress address_;
  // On the thread:
  boost::asio::ip::tcp::endpoint target_;
  Link link_;
  std::map<pid_t, Link> links_of_;
  Harm harms_[2];
  std::size_t damages_ = 0;
  std::set<std::shared_ptr<ProxyConnection>> connections_;
  std::thread thread_;
};

}  // namespace tenon::fault
