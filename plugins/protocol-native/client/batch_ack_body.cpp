// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/client/batch_ack_body.hpp"

#include <bit>
#include <boost/beast/core/detail/base64.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "fastjson/reader.hpp"
#include "protocol-native/client/pop_fields.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_native {
namespace {

namespace base64 = boost::beast::detail::base64;

/// Two thousand pops of 32 messages, and what that takes as text.
constexpr std::size_t kOffsetsMax = 64 * 1024;
constexpr fastjson::Limits kLimits{4 * 1024 * 1024, 256 * 1024, 8};

[[noreturn]] void refuse(std::string_view why) {
  throw Failure(Error(Errc::invalid_parameter, text("batch ack: ", why)));
}

std::string required_text(const fastjson::Value& entry, std::string_view name) {
  std::string value = entry.text_or(name, "");
  if (value.empty()) refuse(text("'", name, "' is missing"));
  return value;
}

std::int64_t required_number(const fastjson::Value& entry, std::string_view name) {
  const fastjson::Value* const value = entry.find(name);
  const auto number = value != nullptr ? value->as_i64() : std::nullopt;
  if (!number || *number < 0) refuse(text("'", name, "' is missing or is no number that can be"));
  return *number;
}

std::int32_t required_small_number(const fastjson::Value& entry, std::string_view name) {
  const std::int64_t number = required_number(entry, name);
  if (number > std::numeric_limits<std::int32_t>::max()) refuse(text("'", name, "' is too large: ", number));
  return static_cast<std::int32_t>(number);
}

PopSource source_of(const fastjson::Value& entry) {
  const std::string retry = required_text(entry, "r");
  if (retry == "0") return PopSource::topic;
  if (retry == "1") return PopSource::retry_topic;
  if (retry == "2") return PopSource::retry_topic_v2;
  refuse(text("'r' is '", retry, "', but must be 0, 1 or 2"));
}

/// decoded_size() leaves out the bytes of a last group that is not padded, and decode() writes them.
std::string decoded(std::string_view text_of_bits) {
  std::string bits(base64::decoded_size(text_of_bits.size()) + 3, '\0');
  const auto [written, read] = base64::decode(bits.data(), text_of_bits.data(), text_of_bits.size());
  const std::string_view rest = text_of_bits.substr(read);
  if (read % 4 == 1 || (rest != "" && rest != "=" && rest != "==")) refuse("'b' is no Base64");
  bits.resize(written);
  return bits;
}

void add_offsets(PoppedBatch& batch, std::string_view bits, std::size_t offsets_max) {
  if (batch.start_offset.value > std::numeric_limits<std::int64_t>::max() - static_cast<std::int64_t>(8 * bits.size()))
    refuse("the offsets are too large");
  std::int64_t offset_of_byte = batch.start_offset.value;
  for (const char letter : bits) {
    for (unsigned set = static_cast<unsigned char>(letter); set != 0; set &= set - 1) {
      if (batch.offsets.size() == offsets_max) refuse(text("more than ", kOffsetsMax, " messages"));
      batch.offsets.push_back({offset_of_byte + std::countr_zero(set)});
    }
    offset_of_byte += 8;
  }
}

PoppedBatch batch_of(const fastjson::Value& entry, std::size_t offsets_max) {
  PoppedBatch batch;
  batch.group = required_text(entry, "c");
  batch.topic = required_text(entry, "t");
  batch.source = source_of(entry);
  batch.queue_id = required_small_number(entry, "q");
  batch.revive_queue_id = required_small_number(entry, "rq");
  batch.start_offset = {required_number(entry, "so")};
  batch.pop_time_ms = required_number(entry, "pt");
  batch.invisible_time = invisible_time_of(required_number(entry, "it"));
  add_offsets(batch, decoded(entry.text_or("b", "")), offsets_max);
  return batch;
}

}  // namespace

std::vector<PoppedBatch> read_batch_ack(std::string_view body) {
  const auto json = fastjson::parse(body, kLimits, fastjson::References::none);
  if (!json) throw Failure(json.error());
  std::vector<PoppedBatch> batches;
  std::size_t offsets_left = kOffsetsMax;
  const fastjson::Value* const entries = json->find("acks");
  if (entries == nullptr) return batches;
  for (const fastjson::Value& entry : entries->elements()) {
    batches.push_back(batch_of(entry, offsets_left));
    offsets_left -= batches.back().offsets.size();
  }
  return batches;
}

}  // namespace tenon::protocol_native
