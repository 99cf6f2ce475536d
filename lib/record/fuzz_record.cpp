// SPDX-License-Identifier: Apache-2.0
// Any bytes must decode or be refused; what decodes must encode to the same bytes.
#include <cstdlib>
#include <cstring>
#include <vector>

#include "record/record_check.hpp"
#include "record/record_encoder.hpp"
#include "record/record_view.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  (void)tenon::record::check_record(bytes, {0});
  const auto view = tenon::record::RecordView::decode(bytes);
  if (!view) return 0;
  const tenon::Message message = view->message();
  // A V2 magic with a short topic and ports beyond 16 bits decode, but we do not write them.
  const bool canonical = (view->magic() == tenon::record::Magic::v2) == (view->topic().size() > 127);
  if (!canonical || !tenon::record::check_sizes(message, {.body_bytes_max = size})) return 0;
  std::vector<std::byte> again(tenon::record::encoded_size(message));
  if (again.size() != view->bytes().size()) std::abort();
  tenon::record::encode(message, again.data());
  const auto decoded = tenon::record::RecordView::decode(again);
  if (!decoded || decoded->topic() != view->topic() || decoded->body().size() != view->body().size()) std::abort();
  return 0;
}
