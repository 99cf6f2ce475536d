// SPDX-License-Identifier: Apache-2.0
// Any bytes from a peer end the session or are taken; none may confirm what is not there or write what was not checked.
#include <cstdlib>
#include <cstring>

#include "replication/testing/pair.hpp"

namespace {

using namespace tenon::replication;
using namespace tenon::replication::testing;

void require(bool true_always) {
  if (!true_always) std::abort();
}

void a_peer_of_the_master(std::span<const std::byte> bytes) {
  Replica side;
  side.epochs.begin(1, {0});
  for (int count = 0; count < 50; ++count) side.log.append('x');
  const MasterSettings settings{.identity = {"c", "b", 0}, .batch_bytes = 1'000};
  MasterSession session(side.log, side.epochs.history(), settings, {});
  while (!bytes.empty() && session.receive(bytes.first(std::min<std::size_t>(bytes.size(), 100)), {})) {
    bytes = bytes.subspan(std::min<std::size_t>(bytes.size(), 100));
    if (!everything(session, {}, {})) return;
    require(session.acknowledged() <= side.log.log_max() && session.sent() <= side.log.log_max());
  }
}

void a_peer_of_the_slave(std::span<const std::byte> bytes, bool extended) {
  Replica side;
  const SlaveSettings settings{.identity = {"c", "b", 1}, .speaks_extended = extended};
  SlaveSession session(side.log, side.epochs, settings, {});
  (void)feed(session, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, {});
  require(side.log.log_received() - side.log.log_min() <= static_cast<std::int64_t>(bytes.size()));
}

void a_file_of_epochs(std::span<const std::byte> bytes) {
  const auto history = EpochHistory::from_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (history) require(EpochHistory::from_text(history->to_text()).value().entries() == history->entries());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
  switch (data[0] % 4) {
    case 0:
      a_peer_of_the_master(bytes);
      break;
    case 1:
      a_peer_of_the_slave(bytes, false);
      break;
    case 2:
      a_peer_of_the_slave(bytes, true);
      break;
    default:
      a_file_of_epochs(bytes);
  }
  return 0;
}
