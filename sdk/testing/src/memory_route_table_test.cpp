// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/memory_route_table.hpp"

#include "tenon/testing/route_table_contract.hpp"

namespace tenon::testing {

INSTANTIATE_TEST_SUITE_P(Memory, RouteTableContract,
                         ::testing::Values(RouteTableCase{"Memory",
                                                          [] { return std::make_shared<MemoryRouteTable>(); }}));

}  // namespace tenon::testing
