// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fuzz_check.hpp"
#include "remoting/batch_body.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon::remoting;
  std::vector<BatchMessage> messages;
  if (split_batch_body(std::as_bytes(std::span(data, size)), messages).has_error()) {
    TENON_FUZZ_CHECK(messages.empty());
    return 0;
  }
  OutputBuffer joined;
  for (const BatchMessage& message : messages) append_batch_message(joined, message);
  TENON_FUZZ_CHECK(joined.size() == size);
  std::vector<BatchMessage> again;
  TENON_FUZZ_CHECK(split_batch_body(joined.bytes(), again).has_value() && again.size() == messages.size());
  return 0;
}
