// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/testing/sample_requests.hpp"

namespace tenon::protocol_native {

RawClient::FieldList fields_of(const SampleSend& send) {
  return {{"a", send.group},      {"b", send.topic},    {"c", "TBW102"},        {"d", "4"},
          {"e", send.queue},      {"f", send.sys_flag}, {"g", "1700000000000"}, {"h", send.flag},
          {"i", send.properties}, {"j", "0"},           {"k", "false"},         {"m", send.batch}};
}

RawClient::FieldList fields_of(const SamplePull& pull) {
  return {{"consumerGroup", pull.group},
          {"topic", pull.topic},
          {"queueId", pull.queue},
          {"queueOffset", pull.offset},
          {"maxMsgNums", pull.max_messages},
          {"sysFlag", pull.sys_flag},
          {"commitOffset", pull.commit_offset},
          {"suspendTimeoutMillis", pull.hold_ms},
          {"subscription", pull.subscription},
          {"subVersion", pull.version},
          {"expressionType", pull.expression_type}};
}

}  // namespace tenon::protocol_native
