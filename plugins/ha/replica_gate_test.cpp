// SPDX-License-Identifier: Apache-2.0
#include "ha/testing/side.hpp"
#include "tenon/testing/commit_gate_contract.hpp"

namespace tenon::ha {
namespace {

using tenon::testing::CommitGateContract;

struct Both {
  Both() : master(0, settings()), slave(1) {
    master.lead();
    slave.follow(master);
    EXPECT_TRUE(testing::eventually([this] { return master.engine->status().in_sync_replicas == 2; }));
  }
  static HaSettings settings() {
    HaSettings settings;
    settings.synchronous = true;
    settings.in_sync_replicas = 2;
    return settings;
  }
  testing::Side master, slave;
};

tenon::testing::OpenGate open_gate() {
  auto both = std::make_shared<Both>();
  tenon::testing::OpenGate gate;
  gate.gate = &both->master.engine->gate();
  gate.append = [both = both.get()] { return both->master.append("x"); };
  gate.keep_alive = std::move(both);
  return gate;
}

INSTANTIATE_TEST_SUITE_P(Replicas, CommitGateContract,
                         ::testing::Values(tenon::testing::CommitGateCase{"replicas", open_gate}));

}  // namespace
}  // namespace tenon::ha
