// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "record/record_view.hpp"
#include "tenon/offsets.hpp"

namespace tenon::record {

enum class RecordState {
  whole,    ///< A record; `view` is valid.
  blank,    ///< The end-of-file filler: go on at the next file.
  damaged,  ///< Zeros, stale bytes, a torn or altered record: the log ends here.
};

struct CheckedRecord {
  RecordState state = RecordState::damaged;
  RecordView view;
};

/// Judges the bytes at `expected`, up to the end of their file, as recovery does: lengths, magic, body CRC, and, beyond
/// what RocketMQ does, the stored physical offset, so that stale records behind a truncation are not taken for new
/// ones. Source: store-format.md 2.10.
///
/// `property_crc`: the CRC over the whole record, too, where it has one. Only for logs whose writer lets no client send
/// a property of that name.
enum class PropertyCrc { ignored, checked };
CheckedRecord check_record(std::span<const std::byte> rest_of_file, PhysicalOffset expected,
                           PropertyCrc property_crc = PropertyCrc::ignored);

}  // namespace tenon::record
