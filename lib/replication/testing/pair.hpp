// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "replication/master_session.hpp"
#include "replication/slave_session.hpp"
#include "replication/testing/memory_log.hpp"

namespace tenon::replication::testing {

using Time = std::chrono::steady_clock::time_point;

inline std::span<const std::byte> bytes_of(std::string_view bytes) { return std::as_bytes(std::span(bytes)); }

/// Everything that a master has to say now, as bytes of the wire.
inline Result<std::string> everything(MasterSession& master, PhysicalOffset confirmed, Time now) {
  std::string out;
  for (;;) {
    const auto next = master.next(confirmed, now);
    if (!next) return next.error();
    if (!*next) return out;
    out += (*next)->head;
    if (!(*next)->stretch) continue;
    const auto body = std::get<MemorySlice>((*next)->stretch->bytes).bytes;
    out.append(reinterpret_cast<const char*>(body.data()), body.size());
  }
}

/// Hands bytes to a slave, as much at a time as it has room for.
inline Status feed(SlaveSession& slave, std::string_view bytes, Time now) {
  while (!bytes.empty()) {
    const auto room = slave.room();
    const std::size_t size = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), size);
    bytes.remove_prefix(size);
    if (Status received = slave.received(size, now); !received) return received;
  }
  return {};
}

/// A broker's log with what replication knows of it.
struct Replica {
  MemoryLog log;
  MemoryEpochs epochs;
};

inline void fill(Replica& replica, int records, char word = 'x') {
  for (int count = 0; count < records; ++count) replica.log.append(word);
}

/// A master and a slave with a perfect connection between them.
struct Pair {
  Pair(Replica& a, Replica& b) : master_side(a), slave_side(b) {}

  Replica& master_side;
  Replica& slave_side;
  MasterSettings master_settings{.identity = {"c", "b", 0}, .batch_bytes = 1'000};
  SlaveSettings slave_settings{.identity = {"c", "b", 1}};
  Time now{};
  std::unique_ptr<MasterSession> master;
  std::unique_ptr<SlaveSession> slave;
  Status master_status, slave_status;

  void connect() {
    master = std::make_unique<MasterSession>(master_side.log, master_side.epochs.history(), master_settings, now);
    slave = std::make_unique<SlaveSession>(slave_side.log, slave_side.epochs, slave_settings, now);
    master_status = slave_status = Status();
  }
  /// Until nobody has anything more to say.
  void settle() {
    for (bool busy = true; busy && master_status && slave_status;) {
      const std::string up = slave->take_output();
      master_status = master->receive(bytes_of(up), now);
      if (!master_status) return;
      const auto down = everything(*master, master->acknowledged(), now);
      if (!down) {
        master_status = down.error();
        return;
      }
      slave_status = feed(*slave, *down, now);
      busy = !up.empty() || !down->empty();
    }
  }
  void connect_and_settle() {
    connect();
    settle();
  }
};

}  // namespace tenon::replication::testing
