// SPDX-License-Identifier: Apache-2.0
#include "logstore/testing/store_on_disk.hpp"
#include "tenon/testing/message_store_contract.hpp"

namespace tenon::testing {
namespace {

using logstore::testing::Engine;
using logstore::testing::StoreOnDisk;

OpenStore open_store(Engine engine) {
  auto on_disk = std::make_shared<StoreOnDisk>();
  MessageStore* store = on_disk->open(engine);
  return {store, on_disk, [on_disk = on_disk.get(), engine] { return on_disk->open(engine); }};
}

INSTANTIATE_TEST_SUITE_P(Mmap, MessageStoreContract,
                         ::testing::Values(StoreCase{"async", [] { return open_store(Engine::mmap); }},
                                           StoreCase{"sync", [] { return open_store(Engine::mmap_sync); }}),
                         store_case_name);

}  // namespace
}  // namespace tenon::testing
