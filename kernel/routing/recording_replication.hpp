// SPDX-License-Identifier: Apache-2.0
// What the tests of a broker's role put in the place of replication, and of who waits for messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/append_listener.hpp"
#include "tenon/replication.hpp"

namespace tenon::kernel::test {

/// Writes down what it is told to become.
class RecordingReplication final : public Replication {
 public:
  ReplicationStatus status() const override { return {}; }
  HostAddress ha_address() const override { return HostAddress::v4({127, 0, 0, 1}, 20'912); }
  Result<std::int64_t> become_master(std::int64_t epoch_min) override {
    if (refuse) return Error(Errc::io, "disk full");
    epochs.push_back(epoch_min);
    return epoch_min + 1;
  }
  Status become_slave(std::string_view master) override {
    followed.emplace_back(master);
    return {};
  }
  void require_epoch(std::int64_t) override {}

  bool refuse = false;
  std::vector<std::int64_t> epochs;
  std::vector<std::string> followed;
};

/// Writes down which messages of topic "T" consumers may see.
class ShownToListener final : public AppendListener {
 public:
  bool listens() const noexcept override { return true; }
  void appended(std::string_view, std::int32_t, QueueOffset) noexcept override {}
  void readable(std::string_view topic, std::int32_t, QueueOffset offset) noexcept override {
    if (topic == "T") shown.push_back(offset);
  }

  std::vector<QueueOffset> shown;
};

}  // namespace tenon::kernel::test
