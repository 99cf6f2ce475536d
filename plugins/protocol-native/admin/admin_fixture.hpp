// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol-native/admin/fake_admin_broker.hpp"
#include "protocol-native/testing/server_fixture.hpp"

namespace tenon::protocol_native {

/// The server over fakes of all that tools ask for.
class AdminFixture : public ServerFixture {
 protected:
  void SetUp() override {
    with_broker();
    services.identity = &identity;
    services.topics = &topics;
    services.offset_changes = &offset_changes;
    services.groups = &groups;
    services.store = &store;
    services.statistics = &statistics;
  }

  FakeIdentity identity;
  FakeTopics topics;
  FakeGroups groups;
  FakeOffsetChanges offset_changes;
  TenMessageStore store;
  FakeStatistics statistics;
};

}  // namespace tenon::protocol_native
