// SPDX-License-Identifier: Apache-2.0
#include "mqtt/codec.hpp"

#include <gtest/gtest.h>

#include "mqtt/test_bytes.hpp"
#include "mqtt/utf8.hpp"

namespace tenon::mqtt {
namespace {

struct PacketCase {
  const char* name;
  ProtocolVersion version;
  const char* first;
  const char* body;
  ReasonCode code;
};

class PacketTable : public testing::TestWithParam<PacketCase> {};

TEST_P(PacketTable, IsJudged) {
  const PacketCase& c = GetParam();
  EXPECT_EQ(judge(packet(c.first, c.body), c.version), c.code);
}

std::string packet_name(const testing::TestParamInfo<PacketCase>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Publish, PacketTable,
    testing::Values(PacketCase{"qos0", kV4, "30", "0001 'a' 'payload'", kGood},
                    PacketCase{"empty_payload", kV4, "30", "0001 'a'", kGood},
                    PacketCase{"slash", kV4, "30", "0001 '/'", kGood},
                    PacketCase{"qos1", kV4, "3A", "0001 'a' 0001", kGood},
                    PacketCase{"id_0", kV4, "32", "0001 'a' 0000", kProtocol},
                    PacketCase{"id_missing", kV4, "32", "0001 'a' 00", kMalformed},
                    PacketCase{"plus", kV4, "30", "0003 'a/+'", ReasonCode::topic_name_invalid},
                    PacketCase{"hash", kV5, "30", "0001 '#' 00", ReasonCode::topic_name_invalid},
                    PacketCase{"empty_311", kV4, "30", "0000", kProtocol},
                    PacketCase{"empty_no_alias", kV5, "30", "0000 00", kProtocol},
                    PacketCase{"empty_with_alias", kV5, "30", "0000 03 23 0001", kGood},
                    PacketCase{"alias_0", kV5, "30", "0001 'a' 03 23 0000", ReasonCode::topic_alias_invalid},
                    PacketCase{"response_wildcard", kV5, "30", "0001 'a' 04 08 0001 '#'", kProtocol},
                    PacketCase{"format_2", kV5, "30", "0001 'a' 02 01 02", kProtocol},
                    PacketCase{"subscription_id_0", kV5, "30", "0001 'a' 02 0B 00", kProtocol},
                    PacketCase{"many_ids", kV5, "30", "0001 'a' 07 0B 01 0B FFFFFF7F", kGood},
                    PacketCase{"bad_utf8", kV4, "30", "0002 C080", kMalformed}),
    packet_name);

INSTANTIATE_TEST_SUITE_P(Answers, PacketTable,
                         testing::Values(PacketCase{"puback", kV4, "40", "0001", kGood},
                                         PacketCase{"puback_long_311", kV4, "40", "0001 00", kMalformed},
                                         PacketCase{"puback_reason", kV5, "40", "0001 10", kGood},
                                         PacketCase{"puback_properties", kV5, "40", "0001 97 05 1F 0002 'no'", kGood},
                                         PacketCase{"puback_foreign_reason", kV5, "40", "0001 92", kProtocol},
                                         PacketCase{"pubrel_unknown_id", kV5, "62", "0001 92", kGood},
                                         PacketCase{"pubrel_foreign_reason", kV5, "62", "0001 10", kProtocol},
                                         PacketCase{"pubcomp", kV5, "70", "0001", kGood},
                                         PacketCase{"pubrec_id_0", kV5, "50", "0000", kProtocol},
                                         PacketCase{"pubrec_empty", kV5, "50", "", kMalformed}),
                         packet_name);

INSTANTIATE_TEST_SUITE_P(
    Subscribing, PacketTable,
    testing::Values(PacketCase{"one", kV4, "82", "0001 0001 'a' 02", kGood},
                    PacketCase{"none", kV4, "82", "0001", kProtocol},
                    PacketCase{"qos3", kV4, "82", "0001 0001 'a' 03", kProtocol},
                    PacketCase{"reserved_311", kV4, "82", "0001 0001 'a' 04", kMalformed},
                    PacketCase{"options", kV5, "82", "0001 00 0001 'a' 2E", kGood},
                    PacketCase{"reserved", kV5, "82", "0001 00 0001 'a' 40", kMalformed},
                    PacketCase{"retain_handling_3", kV5, "82", "0001 00 0001 'a' 30", kProtocol},
                    PacketCase{"no_local_shared", kV5, "82", "0001 00 000A '$share/g/a' 04", kProtocol},
                    PacketCase{"id_0", kV5, "82", "0001 02 0B 00 0001 'a' 00", kProtocol},
                    PacketCase{"id_twice", kV5, "82", "0001 04 0B 01 0B 01 0001 'a' 00", kProtocol},
                    PacketCase{"option_missing", kV5, "82", "0001 00 0001 'a'", kMalformed},
                    PacketCase{"unsubscribe", kV4, "A2", "0001 0001 'a'", kGood},
                    PacketCase{"unsubscribe_none", kV5, "A2", "0001 00", kProtocol},
                    PacketCase{"suback", kV5, "90", "0001 00 00 87", kGood},
                    PacketCase{"unsuback_311", kV4, "B0", "0001", kGood}),
    packet_name);

INSTANTIATE_TEST_SUITE_P(Others, PacketTable,
                         testing::Values(PacketCase{"ping", kV4, "C0", "", kGood},
                                         PacketCase{"ping_long", kV4, "C0", "00", kMalformed},
                                         PacketCase{"disconnect_311", kV4, "E0", "", kGood},
                                         PacketCase{"disconnect_311_long", kV4, "E0", "00", kMalformed},
                                         PacketCase{"disconnect", kV5, "E0", "", kGood},
                                         PacketCase{"disconnect_will", kV5, "E0", "04", kGood},
                                         PacketCase{"disconnect_expiry", kV5, "E0", "00 05 11 00000001", kGood},
                                         PacketCase{"auth_311", kV4, "F0", "", kMalformed},
                                         PacketCase{"auth", kV5, "F0", "18 04 15 0001 'm'", kGood},
                                         PacketCase{"auth_reason", kV5, "F0", "80 00", kProtocol},
                                         PacketCase{"connack", kV5, "20", "01 00 00", kGood},
                                         PacketCase{"connack_bits", kV5, "20", "02 00 00", kMalformed}),
                         packet_name);

TEST(MqttText, AcceptsAndRefusesAsUnicodeSays) {
  for (const char* good : {"", "'abc'", "EFBBBF", "F09F9880", "01", "C280", "EFBFBF", "F48FBFBF", "EE8080", "ED9FBF"}) {
    EXPECT_TRUE(is_valid_text(bytes(good))) << good;
  }
  for (const char* bad : {"00", "C080", "C1BF", "E08080", "EDA080", "EDBFBF", "F0808080", "F4908080", "F5808080", "80",
                          "C2", "E282", "FF", "E28228"}) {
    EXPECT_FALSE(is_valid_text(bytes(bad))) << bad;
  }
}

TEST(MqttDecode, EveryPrefixOfEveryPacketIsRefusedOrWhole) {
  const std::string whole = packet("30", "0001 'a' 0A 26 0001 'k' 0001 'v' 01 01 'x'");
  for (std::size_t size = 0; size + 2 < whole.size(); ++size) {
    const std::string cut = whole.substr(2, size);
    EXPECT_NO_FATAL_FAILURE(judge(packet("30", "") + cut, kV5));
    Frame frame{PacketType::publish, 0, cut, cut.size() + 2};
    static_cast<void>(decode(frame, kV5));
  }
}

}  // namespace
}  // namespace tenon::mqtt
