// SPDX-License-Identifier: Apache-2.0
#include "logstore/testing/store_on_disk.hpp"
#include "tenon/testing/commit_gate_contract.hpp"

namespace tenon::testing {
namespace {

OpenGate open_gate(logstore::testing::Engine engine) {
  auto on_disk = std::make_shared<logstore::testing::StoreOnDisk>();
  logstore::StoreCapabilities* const store = on_disk->open(engine);
  return {store, on_disk, [store] {
            Message message;
            message.topic = "T";
            message.body = std::as_bytes(std::span<const char>("hello", 5));
            return store->append(message).value().physical_end;
          }};
}

INSTANTIATE_TEST_SUITE_P(
    Store, CommitGateContract,
    ::testing::Values(CommitGateCase{"mmap", [] { return open_gate(logstore::testing::Engine::mmap_sync); }},
                      CommitGateCase{"sendfile", [] { return open_gate(logstore::testing::Engine::sendfile_sync); }}));

}  // namespace
}  // namespace tenon::testing
