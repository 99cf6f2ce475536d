// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "tenon/testing/transaction_test_broker.hpp"

/// Conformance suite of the TransactionCoordinator capability and of the interceptor that belongs to it. Link
/// tenon_testing and instantiate it for your plug-in:
///
///     INSTANTIATE_TEST_SUITE_P(Mine, TransactionContract, ::testing::Values(TransactionCase{"mine", make_plugin,
///     {...}}),
///                              transaction_case_name);
namespace tenon::testing {

/// A plug-in to be tested. With `settings` it asks about a transaction that is `timeout` old (of the host's clock),
/// asks `check_max` times, and looks every few milliseconds of real time.
struct TransactionCase {
  std::string name;
  TransactionTestBroker::MakePlugin make;
  std::map<std::string, std::string> settings;
  std::chrono::milliseconds timeout{6'000};
  int check_max = 15;
};
/// Use it in the instantiation: it also brings the suite's tests into the program.
std::string transaction_case_name(const ::testing::TestParamInfo<TransactionCase>& info);

class TransactionContract : public ::testing::TestWithParam<TransactionCase> {
 protected:
  static constexpr const char* kGroup = "producers";

  /// Prepares a message whose body and unique key are `key`.
  AppendReceipt prepare(const std::string& key, const std::string& properties = {});
  Status end(const AppendReceipt& half, TransactionDecision decision, bool from_check = false);
  /// Lets the time-out pass and returns what producers were asked.
  std::vector<ReceivedCheck> checks_after_timeout();

  TransactionTestBroker broker{GetParam().make, GetParam().settings};
};

}  // namespace tenon::testing
