// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "mqtt/test_bytes.hpp"

namespace tenon::mqtt {
namespace {

struct ConnectCase {
  const char* name;
  const char* body;
  ReasonCode code;
};

class ConnectTable : public testing::TestWithParam<ConnectCase> {};

TEST_P(ConnectTable, IsJudged) { EXPECT_EQ(judge(packet("10", GetParam().body), kV4), GetParam().code); }

std::string connect_name(const testing::TestParamInfo<ConnectCase>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    V311, ConnectTable,
    testing::Values(ConnectCase{"plain", "00 04 'MQTT' 04 02 003C 0001 'c'", kGood},
                    ConnectCase{"mqtt31", "00 06 'MQIsdp' 03 02 003C 0001 'c'", kGood},
                    ConnectCase{"bridge", "00 04 'MQTT' 84 02 003C 0001 'c'", kGood},
                    ConnectCase{"empty_id", "00 04 'MQTT' 04 02 003C 0000", kGood},
                    ConnectCase{"all", "00 04 'MQTT' 04 EE 003C 0001 'c' 0001 'w' 0002 'hi' 0001 'u' 0001 'p'", kGood},
                    ConnectCase{"name", "00 04 'MQTX' 04 02 003C 0001 'c'", ReasonCode::unsupported_protocol_version},
                    ConnectCase{"level", "00 04 'MQTT' 06 02 003C 0001 'c'", ReasonCode::unsupported_protocol_version},
                    ConnectCase{"level_of_the_other_name", "00 06 'MQIsdp' 04 02 003C 0001 'c'",
                                ReasonCode::unsupported_protocol_version},
                    ConnectCase{"reserved", "00 04 'MQTT' 04 03 003C 0001 'c'", kMalformed},
                    ConnectCase{"will_qos_3", "00 04 'MQTT' 04 1E 003C 0001 'c' 0001 'w' 0000", kMalformed},
                    ConnectCase{"will_qos_without_will", "00 04 'MQTT' 04 0A 003C 0001 'c'", kMalformed},
                    ConnectCase{"will_retain_without_will", "00 04 'MQTT' 04 22 003C 0001 'c'", kMalformed},
                    ConnectCase{"will_missing", "00 04 'MQTT' 04 06 003C 0001 'c'", kMalformed},
                    ConnectCase{"will_wildcard", "00 04 'MQTT' 04 06 003C 0001 'c' 0001 '#' 0000",
                                ReasonCode::topic_name_invalid},
                    ConnectCase{"password_alone", "00 04 'MQTT' 04 42 003C 0001 'c' 0001 'p'", kMalformed},
                    ConnectCase{"user_missing", "00 04 'MQTT' 04 82 003C 0001 'c'", kMalformed},
                    ConnectCase{"left_over", "00 04 'MQTT' 04 02 003C 0001 'c' 00", kMalformed},
                    ConnectCase{"short", "00 04 'MQTT' 04 02 003C 0002 'c'", kMalformed},
                    ConnectCase{"bad_utf8_id", "00 04 'MQTT' 04 02 003C 0001 FF", kMalformed},
                    ConnectCase{"nul_in_id", "00 04 'MQTT' 04 02 003C 0001 00", kMalformed}),
    connect_name);

INSTANTIATE_TEST_SUITE_P(
    V5, ConnectTable,
    testing::Values(
        ConnectCase{"plain", "00 04 'MQTT' 05 02 003C 00 0001 'c'", kGood},
        ConnectCase{"password_alone", "00 04 'MQTT' 05 42 003C 00 0001 'c' 0001 'p'", kGood},
        ConnectCase{
            "all_properties",
            "00 04 'MQTT' 05 02 003C 24 11 0000000A 21 0014 27 00001000 22 000A 19 01 17 00 26 0001 'k' 0001 'v' "
            "15 0001 'm' 16 0002 0001 0001 'c'",
            kGood},
        ConnectCase{"receive_maximum_0", "00 04 'MQTT' 05 02 003C 03 21 0000 0001 'c'", kProtocol},
        ConnectCase{"packet_size_0", "00 04 'MQTT' 05 02 003C 05 27 00000000 0001 'c'", kProtocol},
        ConnectCase{"twice", "00 04 'MQTT' 05 02 003C 0A 11 00000001 11 00000001 0001 'c'", kProtocol},
        ConnectCase{"flag_2", "00 04 'MQTT' 05 02 003C 02 17 02 0001 'c'", kProtocol},
        ConnectCase{"data_without_method", "00 04 'MQTT' 05 02 003C 04 16 0001 'd' 0001 'c'", kProtocol},
        ConnectCase{"unknown_property", "00 04 'MQTT' 05 02 003C 02 04 00 0001 'c'", kMalformed},
        ConnectCase{"foreign_property", "00 04 'MQTT' 05 02 003C 02 01 00 0001 'c'", kMalformed},
        ConnectCase{"property_cut", "00 04 'MQTT' 05 02 003C 02 21 00 0001 'c'", kMalformed},
        ConnectCase{"length_overrun", "00 04 'MQTT' 05 02 003C 7F 21 0001 0001 'c'", kMalformed},
        ConnectCase{"will", "00 04 'MQTT' 05 06 003C 00 0001 'c' 05 18 00000005 0001 'w' 0000", kGood},
        ConnectCase{"will_foreign", "00 04 'MQTT' 05 06 003C 00 0001 'c' 05 11 00000005 0001 'w' 0000", kMalformed}),
    connect_name);

TEST(MqttConnect, GivesWhatWasSent) {
  const std::string bytes =
      packet("10", "00 04 'MQTT' 05 EE 003C 05 11 0000000A 0002 'id' 02 01 01 0001 'w' 0002 'hi' 0001 'u' 0001 'p'");
  const auto connect = decode_as<Connect>(bytes, kV4);  // Borrows from the bytes.
  EXPECT_EQ(connect.version, kV5);
  EXPECT_TRUE(connect.clean_start);
  EXPECT_EQ(connect.keep_alive_s, 60);
  EXPECT_EQ(connect.client_id, "id");
  EXPECT_EQ(connect.properties.number(PropertyId::session_expiry_interval), 10U);
  ASSERT_TRUE(connect.will.has_value());
  EXPECT_EQ(connect.will->topic, "w");
  EXPECT_EQ(connect.will->payload, "hi");
  EXPECT_EQ(connect.will->qos, 1);
  EXPECT_TRUE(connect.will->retain);
  EXPECT_EQ(connect.user_name, "u");
  EXPECT_EQ(connect.password, "p");
}

TEST(MqttConnect, TellsTheLevelOfWhatCannotBeDecoded) {
  EXPECT_EQ(protocol_level_of(bytes("00 04 'MQTT' 05 FF")), 5);
  EXPECT_EQ(protocol_level_of(bytes("00 04 'MQTT' 09")), 9);
  EXPECT_EQ(protocol_level_of(bytes("00 04 'MQ'")), std::nullopt);
}

}  // namespace
}  // namespace tenon::mqtt
