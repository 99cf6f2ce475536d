// SPDX-License-Identifier: Apache-2.0
#include "logstore/checkpoint.hpp"

#include <algorithm>
#include <array>

#include "record/layout.hpp"

namespace tenon::logstore {
namespace {
constexpr std::size_t kFields = 5;
constexpr std::int64_t kFileSize = 4096;
constexpr std::int64_t kSafetyMs = 3000;
constexpr std::int64_t kOurs = 64;
constexpr std::int64_t kOurMagic = 0x54454E4F'4E434B50;  // "TENONCKP"
constexpr std::size_t kOurFields = 3;
constexpr std::int64_t kReadable = 128;
constexpr std::int64_t kReadableMagic = 0x54454E4F'4E524445;  // "TENONRDE"
constexpr std::size_t kReadableFields = 2;

template <std::size_t count>
void store_fields(std::array<std::byte, count * 8>& out, const std::int64_t (&fields)[count]) {
  for (std::size_t index = 0; index < count; ++index) record::store_big(out.data() + index * 8, fields[index]);
}

}  // namespace

std::int64_t Checkpoint::recovery_bound_ms() const noexcept {
  return std::max<std::int64_t>(std::min(physic_msg_timestamp, logics_msg_timestamp) - kSafetyMs, 0);
}

Result<Checkpoint> read_checkpoint(FileSystem& file_system, const std::filesystem::path& path) {
  if (!file_system.exists(path)) return Checkpoint{};
  const auto file = file_system.open(path, FileSystem::OpenMode::existing);
  if (!file) return file.error();
  std::array<std::byte, kReadable + kReadableFields * 8> bytes{};
  const auto got = (*file)->read_at(0, bytes);
  if (!got) return got.error();
  const auto field = [&](std::size_t index) { return record::load_big<std::int64_t>(bytes.data() + index * 8); };
  const bool ours = field(kOurs / 8) == kOurMagic && field(kOurs / 8 + 1) == field(0);
  const bool bounded = field(kReadable / 8) == kReadableMagic;
  return Checkpoint{field(0),
                    field(1),
                    field(2),
                    field(3),
                    field(4),
                    ours ? field(kOurs / 8 + 2) : -1,
                    bounded ? field(kReadable / 8 + 1) : -1};
}

Status write_checkpoint(FileSystem& file_system, const std::filesystem::path& path, const Checkpoint& checkpoint) {
  const auto file = file_system.open(path, FileSystem::OpenMode::create);
  if (!file) return file.error();
  std::array<std::byte, kFields * 8> bytes;
  store_fields<kFields>(
      bytes, {checkpoint.physic_msg_timestamp, checkpoint.logics_msg_timestamp, checkpoint.index_msg_timestamp,
              checkpoint.master_flushed_offset, checkpoint.confirm_physical_offset});
  std::array<std::byte, kOurFields * 8> ours;
  store_fields<kOurFields>(ours, {kOurMagic, checkpoint.physic_msg_timestamp, checkpoint.covered_offset});
  std::array<std::byte, kReadableFields * 8> readable;
  store_fields<kReadableFields>(readable, {kReadableMagic, checkpoint.readable_end});
  if (Status sized = (*file)->set_size(kFileSize); !sized) return sized;
  // First, so that nobody reads on where log and queues are known to be on disk further than this.
  if (Status written = (*file)->write_at(kReadable, readable); !written) return written;
  // Ours last: between the two it names another time, and is not believed.
  if (Status written = (*file)->write_at(0, bytes); !written) return written;
  if (Status written = (*file)->write_at(kOurs, ours); !written) return written;
  return (*file)->sync();
}

}  // namespace tenon::logstore
