// SPDX-License-Identifier: Apache-2.0
// The bit maps of consumer filters, against what RocketMQ's classes and brokers made.
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "golden_directory.hpp"
#include "routing/bit_map_filter.hpp"
#include "routing/bloom_filter.hpp"
#include "sql92/compile.hpp"

namespace tenon::kernel {
namespace {

using fastjson::Value;

Value recorded() {
  std::ifstream file(golden::directory() / "sql92" / "bloom.json");
  std::ostringstream content;
  content << file.rdbuf();
  return fastjson::parse(content.str()).value();
}

const Value& at(const Value& object, std::string_view name) {
  const Value* found = object.find(name);
  if (found == nullptr) throw std::runtime_error("no member " + std::string(name));
  return *found;
}
std::string text_of(const Value& object, std::string_view name) { return at(object, name).as_text().value(); }
std::int32_t number_of(const Value& object, std::string_view name) { return at(object, name).as_i32().value(); }
template <class Numbers>
Value array_of(const Numbers& numbers) {
  Value array{Value::Array()};
  for (const auto& number : numbers) array.push_back(number);
  return array;
}
std::string shown(const Value& value) {
  std::string out;
  fastjson::Writer(out).value(value);
  return out;
}

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
  bool judges(const Value& properties) const {
    std::vector<std::optional<std::string_view>> values;
    for (const std::string_view name : program_.property_names()) {
      const Value* found = properties.find(name);
      values.push_back(found == nullptr ? std::nullopt : found->as_string());
    }
    return program_.evaluate(values) == sql92::Verdict::yes;
  }

 private:
  sql92::Program program_;
};

TEST(Bloom, HasTheGeometryOfRocketMq) {
  TENON_NEED_GOLDEN();
  const Value all = recorded();
  for (const auto& parameters : at(all, "parameters").elements()) {
    const auto made = BloomFilter::make(number_of(parameters, "f"), number_of(parameters, "n"));
    ASSERT_EQ(made.has_error(), parameters.find("error") != nullptr) << shown(parameters);
    if (!made) continue;
    EXPECT_EQ(made->hashes(), number_of(parameters, "k")) << shown(parameters);
    EXPECT_EQ(made->map_bits(), number_of(parameters, "m")) << shown(parameters);
  }
}

TEST(Bloom, HasThePositionsOfRocketMq) {
  TENON_NEED_GOLDEN();
  int keys = 0;
  const Value all = recorded();
  for (const auto& position : at(all, "positions").elements()) {
    const auto bloom = BloomFilter::make(number_of(position, "f"), number_of(position, "n")).value();
    const BloomPositions positions = bloom.positions(text_of(position, "key"));
    EXPECT_EQ(positions.map_bits, number_of(position, "bitNum"));
    EXPECT_EQ(array_of(positions.bits), at(position, "bitPos")) << shown(position);
    ++keys;
  }
  EXPECT_GT(keys, 30);
}

TEST(Bloom, SetsTheBitsThatRocketMqSets) {
  TENON_NEED_GOLDEN();
  const Value all = recorded();
  for (const auto& sample : at(all, "bits").elements()) {
    std::vector<std::byte> map(static_cast<std::size_t>(number_of(sample, "bitLength")) / 8);
    BloomPositions positions;
    for (const auto& bit : at(sample, "set").elements()) positions.bits.push_back(bit.as_i32().value());
    set_bits(map, positions);
    EXPECT_EQ(hex_of(map), text_of(sample, "bytes"));
    EXPECT_TRUE(has_bits(map, positions));
  }
}

TEST(Bloom, MapsOfMessagesAreThoseOfTheDispatcher) {
  TENON_NEED_GOLDEN();
  const Value all = recorded();
  const Value& maps = at(all, "bitmaps");
  const auto bloom = BloomFilter::make(number_of(maps, "f"), number_of(maps, "n")).value();
  struct Group {
    std::string name;
    BloomPositions positions;
    std::shared_ptr<Sql> filter;
  };
  std::vector<Group> groups;
  for (const auto& filter : at(maps, "filters").elements()) {
    const std::string name = text_of(filter, "group");
    groups.push_back(
        {name, bloom.positions(name + "#" + text_of(maps, "topic")), std::make_shared<Sql>(text_of(filter, "expr"))});
  }
  for (const auto& message : at(maps, "messages").elements()) {
    if (!message.find("props")) continue;  // the topic without filters
    std::vector<std::byte> map(static_cast<std::size_t>(bloom.map_bits()) / 8);
    for (const Group& group : groups) {
      if (group.filter->judges(at(message, "props"))) set_bits(map, group.positions);
    }
    EXPECT_EQ(hex_of(map), text_of(message, "bitmap")) << shown(message);
    const IndexExtension extension{2'000, map};
    IndexEntry entry;
    entry.extension = &extension;
    Value passing{Value::Array()};
    for (const Group& group : groups) {
      if (BitMapFilter(group.filter, group.positions, 1'000).match_index(entry)) passing.push_back(group.name);
    }
    EXPECT_EQ(passing, at(message, "passesConsumeQueueStage").elements());
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
