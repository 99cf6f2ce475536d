// SPDX-License-Identifier: Apache-2.0
#include "routing/test_broker.hpp"
#include "tenon/testing/message_delivery_contract.hpp"

namespace tenon::testing {
namespace {

/// A broker outside of a test of its own.
class WholeBroker final : public kernel::test::BrokerTest {
 public:
  WholeBroker() { open(); }
  void TestBody() override {}

  OpenDelivery delivery(std::shared_ptr<void> keep_alive) {
    return {&of<MessageDelivery>(), &store, std::move(keep_alive), [this] { store.refuse_writes("the disk is full"); }};
  }
};

OpenDelivery open_broker() {
  const auto broker = std::make_shared<WholeBroker>();
  return broker->delivery(broker);
}

INSTANTIATE_TEST_SUITE_P(Broker, MessageDeliveryContract, ::testing::Values(DeliveryCase{"broker", open_broker}));

}  // namespace
}  // namespace tenon::testing
