// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/transaction_contract.hpp"

#include "test_plugin.hpp"

namespace tenon::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Transaction, TransactionContract,
                         ::testing::Values(TransactionCase{"transaction", make_transaction_plugin, kQuickChecks}),
                         transaction_case_name);

}  // namespace
}  // namespace tenon::testing
