// SPDX-License-Identifier: Apache-2.0
// Texts that clients send and files hold: whatever is taken is written as something that is taken again, alike.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "pop/check_point.hpp"
#include "pop/ordered_queues.hpp"
#include "pop/receipt.hpp"

namespace {

using namespace tenon::pop;

void check(bool holds) {
  if (!holds) std::abort();
}

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

void read_receipt(std::string_view text) {
  const auto receipt = parse_receipt(text);
  if (receipt) check(parse_receipt(to_string(*receipt)).value() == *receipt);
}

void read_check_point(std::string_view text) {
  const auto check_point = parse_check_point(bytes(text));
  if (!check_point || check_point->distances.empty()) return;
  const std::string json = to_json(*check_point);
  const auto again = parse_check_point(bytes(json));
  check(again && again->id == check_point->id && again->distances == check_point->distances);
}

void read_acknowledgement(std::string_view text) {
  const auto acknowledgement = parse_acknowledgement(bytes(text));
  if (!acknowledgement) return;
  const std::string json = to_json(*acknowledgement);
  const auto again = parse_acknowledgement(bytes(json));
  check(again && again->id == acknowledgement->id && again->offsets == acknowledgement->offsets);
}

void read_ordered_queues(std::string_view text) {
  OrderedQueues queues;
  if (!queues.decode(text)) return;
  const std::string json = queues.encode();
  OrderedQueues again;
  check(again.decode(json).has_value());
  check(again.encode() == json);
  (void)queues.freed(0, INT64_MAX);  // adds times up
  queues.clean(1, [](const OrderedQueue&) { return false; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      read_receipt(text);
      break;
    case 1:
      read_check_point(text);
      break;
    case 2:
      read_acknowledgement(text);
      break;
    default:
      read_ordered_queues(text);
      break;
  }
  return 0;
}
