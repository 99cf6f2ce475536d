// SPDX-License-Identifier: Apache-2.0
// The bit maps of consumer filters, against what RocketMQ's classes and brokers made.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "golden_directory.hpp"
#include "routing/bit_map_filter.hpp"
#include "routing/bloom_filter.hpp"
#include "sql92/compile.hpp"

namespace tenon::kernel {
namespace {

namespace json = boost::json;

json::object recorded() {
  std::ifstream file(golden::directory() / "sql92" / "bloom.json");
  std::ostringstream content;
  content << file.rdbuf();
  return json::parse(content.str()).as_object();
}

std::string text_of(const json::value& value) {
  return std::string(value.as_string().c_str(), value.as_string().size());
}
std::int32_t number_of(const json::value& value) { return static_cast<std::int32_t>(value.as_int64()); }

std::string hex_of(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const std::byte byte : bytes) {
    hex.push_back(kDigits[std::to_integer<std::size_t>(byte >> 4)]);
    hex.push_back(kDigits[std::to_integer<std::size_t>(byte & std::byte{15})]);
  }
  return hex;
}

/// Passes what the expression says TRUE of; as filter-sql does.
class Sql final : public CompiledFilter {
 public:
  explicit Sql(const std::string& expression) : program_(sql92::compile(expression).value()) {}
  bool match_index(const IndexEntry&) const noexcept override { return true; }
  bool needs_properties() const noexcept override { return true; }
  bool match_properties(const PropertiesView& properties) const noexcept override {
    return program_.evaluate(properties) == sql92::Verdict::yes;
  }
  /// Of exactly these properties: unlike in a block, one may be empty.
  bool judges(const json::object& properties) const {
    std::vector<std::optional<std::string_view>> values;
    for (const std::string_view name : program_.property_names()) {
      const auto found = properties.find(json::string_view(name.data(), name.size()));
      if (found == properties.end()) {
        values.emplace_back();
      } else {
        const json::string& text = found->value().as_string();
        values.emplace_back(std::string_view(text.data(), text.size()));
      }
    }
    return program_.evaluate(values) == sql92::Verdict::yes;
  }

 private:
  sql92::Program program_;
};

TEST(Bloom, HasTheGeometryOfRocketMq) {
  TENON_NEED_GOLDEN();
  const json::object all = recorded();
  for (const auto& parameters : all.at("parameters").as_array()) {
    const auto made = BloomFilter::make(number_of(parameters.at("f")), number_of(parameters.at("n")));
    ASSERT_EQ(made.has_error(), parameters.as_object().contains("error")) << json::serialize(parameters);
    if (!made) continue;
    EXPECT_EQ(made->hashes(), number_of(parameters.at("k"))) << json::serialize(parameters);
    EXPECT_EQ(made->map_bits(), number_of(parameters.at("m"))) << json::serialize(parameters);
  }
}

TEST(Bloom, HasThePositionsOfRocketMq) {
  TENON_NEED_GOLDEN();
  int keys = 0;
  const json::object all = recorded();
  for (const auto& position : all.at("positions").as_array()) {
    const auto bloom = BloomFilter::make(number_of(position.at("f")), number_of(position.at("n"))).value();
    const BloomPositions positions = bloom.positions(text_of(position.at("key")));
    EXPECT_EQ(positions.map_bits, number_of(position.at("bitNum")));
    EXPECT_EQ(json::value_from(positions.bits), position.at("bitPos")) << json::serialize(position);
    ++keys;
  }
  EXPECT_GT(keys, 30);
}

TEST(Bloom, SetsTheBitsThatRocketMqSets) {
  TENON_NEED_GOLDEN();
  const json::object all = recorded();
  for (const auto& sample : all.at("bits").as_array()) {
    std::vector<std::byte> map(static_cast<std::size_t>(sample.at("bitLength").as_int64()) / 8);
    BloomPositions positions;
    for (const auto& bit : sample.at("set").as_array()) positions.bits.push_back(number_of(bit));
    set_bits(map, positions);
    EXPECT_EQ(hex_of(map), text_of(sample.at("bytes")));
    EXPECT_TRUE(has_bits(map, positions));
  }
}

TEST(Bloom, MapsOfMessagesAreThoseOfTheDispatcher) {
  TENON_NEED_GOLDEN();
  const json::object all = recorded();
  const auto& maps = all.at("bitmaps");
  const auto bloom = BloomFilter::make(number_of(maps.at("f")), number_of(maps.at("n"))).value();
  struct Group {
    std::string name;
    BloomPositions positions;
    std::shared_ptr<Sql> filter;
  };
  std::vector<Group> groups;
  for (const auto& filter : maps.at("filters").as_array()) {
    const std::string name = text_of(filter.at("group"));
    groups.push_back({name, bloom.positions(name + "#" + text_of(maps.at("topic"))),
                      std::make_shared<Sql>(text_of(filter.at("expr")))});
  }
  for (const auto& message : maps.at("messages").as_array()) {
    if (!message.as_object().contains("props")) continue;  // the topic without filters
    std::vector<std::byte> map(static_cast<std::size_t>(bloom.map_bits()) / 8);
    for (const Group& group : groups) {
      if (group.filter->judges(message.at("props").as_object())) set_bits(map, group.positions);
    }
    EXPECT_EQ(hex_of(map), text_of(message.at("bitmap"))) << json::serialize(message);
    const IndexExtension extension{2'000, map};
    IndexEntry entry;
    entry.extension = &extension;
    json::array passing;
    for (const Group& group : groups) {
      if (BitMapFilter(group.filter, group.positions, 1'000).match_index(entry)) passing.emplace_back(group.name);
    }
    EXPECT_EQ(passing, message.at("passesConsumeQueueStage").as_array());
  }
}

TEST(Bloom, AMapCountsOnlyIfItWasMadeForThisFilter) {
  const auto bloom = BloomFilter::make(BloomFilter::kErrorRatePercent, BloomFilter::kExpectedKeys).value();
  const BitMapFilter filter(std::make_shared<Sql>("TRUE"), bloom.positions("group#topic"), 1'000);
  const auto passes = [&](std::int64_t store_timestamp_ms, std::vector<std::byte> map) {
    const IndexExtension extension{store_timestamp_ms, map};
    IndexEntry entry;
    entry.extension = &extension;
    return filter.match_index(entry);
  };
  const std::vector<std::byte> none(14, std::byte{0}), all(14, std::byte{255});
  EXPECT_TRUE(filter.match_index(IndexEntry{})) << "no extension record";
  EXPECT_TRUE(passes(999, none)) << "stored before the filter was born";
  EXPECT_TRUE(passes(1'000, none)) << "in the same ms";
  EXPECT_FALSE(passes(1'001, none));
  EXPECT_TRUE(passes(1'001, all));
  EXPECT_TRUE(passes(1'001, {})) << "no map";
  EXPECT_TRUE(passes(1'001, std::vector<std::byte>(8))) << "a map of another length";
}

}  // namespace
}  // namespace tenon::kernel
