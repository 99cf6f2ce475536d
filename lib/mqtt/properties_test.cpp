// SPDX-License-Identifier: Apache-2.0
#include "mqtt/properties.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "mqtt/test_bytes.hpp"

namespace tenon::mqtt {
namespace {

struct Known {
  unsigned id;
  const char* places;  ///< As in the table of the standard: letters of kPlaces.
  const char* value;
};

/// One letter per PropertyPlace, in its order: Connect, connAck, Publish, pubacK, Subscribe, sUback, uNsubscribe,
/// Disconnect, autH, Will.
constexpr std::string_view kPlaces = "CAPKSUNDHW";

constexpr Known kTable[] = {
    {0x01, "PW", "01"},        {0x02, "PW", "00000001"},
    {0x03, "PW", "0001 'a'"},  {0x08, "PW", "0001 'a'"},
    {0x09, "PW", "0001 FF"},   {0x0B, "PS", "01"},
    {0x11, "CAD", "00000000"}, {0x12, "A", "0001 'a'"},
    {0x13, "A", "0001"},       {0x15, "CAH", "0001 'a'"},
    {0x17, "C", "00"},         {0x18, "W", "00000001"},
    {0x19, "C", "01"},         {0x1A, "A", "0001 'a'"},
    {0x1C, "AD", "0001 'a'"},  {0x1F, "AKUDH", "0001 'a'"},
    {0x21, "CA", "0001"},      {0x22, "CA", "0000"},
    {0x23, "P", "0001"},       {0x24, "A", "01"},
    {0x25, "A", "01"},         {0x26, "CAPKSUNDHW", "0001 'a' 0000"},
    {0x27, "CA", "00000001"},  {0x28, "A", "01"},
    {0x29, "A", "00"},         {0x2A, "A", "00"},
};

ReasonCode judge_block(std::string_view block, PropertyPlace place) {
  Properties properties;
  Reader reader(block);
  properties.decode_block(reader, place);
  return reader.failed() ? reader.violation()->code : ReasonCode::success;
}

TEST(MqttProperties, StandWhereTheStandardLetsThemAndNowhereElse) {
  for (const Known& known : kTable) {
    const std::string block = std::string(1, static_cast<char>(known.id)) + bytes(known.value);
    for (std::size_t place = 0; place < kPlaces.size(); ++place) {
      const bool allowed = std::string_view(known.places).find(kPlaces[place]) != std::string_view::npos;
      EXPECT_EQ(judge_block(block, static_cast<PropertyPlace>(place)),
                allowed ? ReasonCode::success : ReasonCode::malformed_packet)
          << "property " << known.id << " in " << kPlaces[place];
    }
  }
}

TEST(MqttProperties, MayStandTwiceOnlyWhereTheStandardSaysSo) {
  for (const Known& known : kTable) {
    const std::string block = std::string(1, static_cast<char>(known.id)) + bytes(known.value);
    const auto place = static_cast<PropertyPlace>(kPlaces.find(known.places[0]));
    const bool repeatable = known.id == 0x26 || known.id == 0x0B;
    EXPECT_EQ(judge_block(block + block, place), repeatable ? ReasonCode::success : ReasonCode::protocol_error)
        << known.id;
  }
}

TEST(MqttProperties, UnknownIdsAreMalformed) {
  for (unsigned id = 0; id < 128; ++id) {
    const bool known = std::ranges::any_of(kTable, [id](const Known& k) { return k.id == id; }) || id == 0x16;
    if (known) continue;
    const std::string block{static_cast<char>(id), 1, 1, 1, 1};
    EXPECT_EQ(judge_block(block, PropertyPlace::connect), ReasonCode::malformed_packet) << id;
  }
}

TEST(MqttProperties, KeepUserPropertiesInOrder) {
  Properties properties;
  const std::string block = bytes("26 0001 'b' 0001 '1' 26 0001 'a' 0001 '2' 26 0001 'b' 0001 '3'");
  Reader reader(block);
  properties.decode_block(reader, PropertyPlace::publish);
  const std::vector<Properties::UserProperty> expected{{"b", "1"}, {"a", "2"}, {"b", "3"}};
  EXPECT_EQ(properties.user_properties, expected);
  std::string again;
  properties.encode_block(again);
  EXPECT_EQ(again, block);
  EXPECT_EQ(properties.block_size(), block.size());
}

}  // namespace
}  // namespace tenon::mqtt
