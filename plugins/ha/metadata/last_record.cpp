// SPDX-License-Identifier: Apache-2.0
#include "ha/metadata/last_record.hpp"

#include <algorithm>

#include "ha/metadata/log_piece.hpp"
#include "record/crc32.hpp"
#include "record/record_view.hpp"
#include "remoting/frame.hpp"
#include "tenon/text.hpp"

namespace tenon::ha {
namespace {

/// No master can hand out a longer one: the answer to 33 must fit into a frame.
constexpr std::int32_t kAskedBytesMax = remoting::kMaxFrameBytes - (64 << 10);

/// How many bytes of whole records, or of a filler, `bytes` begins with; the last record goes to `last`.
std::int64_t walk(std::span<const std::byte> bytes, PhysicalOffset begin, std::optional<RecordMark>& last) {
  std::size_t used = 0;
  while (bytes.size() - used >= record::kBlankSize) {
    const auto rest = bytes.subspan(used);
    const auto size = record::load_big<std::int32_t>(rest.data() + record::position::total_size);
    if (size <= 0 || static_cast<std::size_t>(size) > rest.size()) break;
    const auto magic =
        static_cast<record::Magic>(record::load_big<std::int32_t>(rest.data() + record::position::magic));
    if (magic != record::Magic::blank && size <= kAskedBytesMax)
      last = RecordMark{begin + static_cast<std::int64_t>(used), size, 0};
    used += static_cast<std::size_t>(size);
  }
  return static_cast<std::int64_t>(used);
}

}  // namespace

bool RecordMark::is(std::span<const std::byte> bytes) const {
  return bytes.size() == static_cast<std::size_t>(size) && record::masked_crc32(bytes) == crc;
}

Result<std::optional<RecordMark>> last_record(const LogTap& log, PhysicalOffset from, PhysicalOffset end) {
  const PhysicalOffset file{std::max<std::int64_t>(end.value - 1, 0) / log.log_file_size() * log.log_file_size()};
  from = std::max({from < end ? from : PhysicalOffset{}, file, log.log_min()});
  std::optional<RecordMark> last;
  if (from >= end) return last;
  while (from < end) {
    const auto stretch = read_log_piece(log, from, end);
    if (!stretch) return stretch.error();
    const std::int64_t used = walk(std::get<MemorySlice>(stretch->bytes).bytes, from, last);
    if (used == 0) break;
    from += used;
  }
  if (!last) return Error(Errc::corrupt, text("no record lies before physical offset ", end));
  const auto whole = log.read_log(last->begin, last->size, ReadForm::in_memory);
  if (!whole) return whole.error();
  if (whole->length != last->size)
    return Error(Errc::corrupt, text("the record at physical offset ", last->begin, " is not whole"));
  last->crc = record::masked_crc32(std::get<MemorySlice>(whole->bytes).bytes);
  return last;
}

}  // namespace tenon::ha
