// SPDX-License-Identifier: Apache-2.0
#include "logstore/checkpoint.hpp"

#include <algorithm>
#include <array>

#include "record/crc32.hpp"
#include "record/layout.hpp"

namespace tenon::logstore {
namespace {
constexpr std::size_t kFields = 5;
constexpr std::int64_t kFileSize = 4096;
constexpr std::int64_t kSafetyMs = 3000;
constexpr std::int64_t kOurs = 64;
constexpr std::int64_t kOurMagic = 0x54454E4F'4E434B50;  // "TENONCKP"
constexpr std::size_t kOurFields = 5;
constexpr std::size_t kTailBytes = 4096;
constexpr std::int64_t kReadable = 128;
constexpr std::int64_t kReadableMagic = 0x54454E4F'4E524445;  // "TENONRDE"
constexpr std::size_t kReadableFields = 2;

template <std::size_t count>
void store_fields(std::array<std::byte, count * 8>& out, const std::int64_t (&fields)[count]) noexcept {
  for (std::size_t index = 0; index < count; ++index) record::store_big(out.data() + index * 8, fields[index]);
}

/// Over what RocketMQ may change and what it would make untrue. A file that is torn does not have it either.
std::int64_t proof_of(const Checkpoint& checkpoint) noexcept {
  std::array<std::byte, (kFields + 2) * 8> bytes;
  store_fields<kFields + 2>(
      bytes, {checkpoint.physic_msg_timestamp, checkpoint.logics_msg_timestamp, checkpoint.index_msg_timestamp,
              checkpoint.master_flushed_offset, checkpoint.confirm_physical_offset, checkpoint.covered_offset,
              checkpoint.covered_tail});
  return record::masked_crc32(bytes);
}

}  // namespace

std::int64_t log_tail_crc(std::span<const std::byte> until_end) noexcept {
  return until_end.empty() ? -1 : record::masked_crc32(until_end.last(std::min(until_end.size(), kTailBytes)));
}

std::int64_t Checkpoint::recovery_bound_ms() const noexcept {
  return std::max<std::int64_t>(std::min(physic_msg_timestamp, logics_msg_timestamp) - kSafetyMs, 0);
}

Checkpoint parse_checkpoint(std::span<const std::byte> bytes) noexcept {
  const auto field = [bytes](std::size_t index) {
    return (index + 1) * 8 <= bytes.size() ? record::load_big<std::int64_t>(bytes.data() + index * 8) : 0;
  };
  const bool ours = field(kOurs / 8) == kOurMagic && field(kOurs / 8 + 1) == field(0);
  const bool bounded = field(kReadable / 8) == kReadableMagic;
  Checkpoint checkpoint{field(0), field(1), field(2), field(3), field(4)};
  if (ours) checkpoint.covered_offset = field(kOurs / 8 + 2);
  if (ours) checkpoint.covered_tail = field(kOurs / 8 + 3);
  if (ours && field(kOurs / 8 + 4) != proof_of(checkpoint)) checkpoint.covered_tail = -1;
  if (bounded) checkpoint.readable_end = field(kReadable / 8 + 1);
  return checkpoint;
}

Result<Checkpoint> read_checkpoint(FileSystem& file_system, const std::filesystem::path& path) {
  if (!file_system.exists(path)) return Checkpoint{};
  const auto file = file_system.open(path, FileSystem::OpenMode::existing);
  if (!file) return file.error();
  std::array<std::byte, kReadable + kReadableFields * 8> bytes{};
  const auto got = (*file)->read_at(0, bytes);
  if (!got) return got.error();
  return parse_checkpoint(std::span(bytes).first(*got));
}

Status write_checkpoint(FileSystem& file_system, const std::filesystem::path& path, const Checkpoint& checkpoint) {
  const auto file = file_system.open(path, FileSystem::OpenMode::create);
  if (!file) return file.error();
  std::array<std::byte, kFields * 8> bytes;
  store_fields<kFields>(
      bytes, {checkpoint.physic_msg_timestamp, checkpoint.logics_msg_timestamp, checkpoint.index_msg_timestamp,
              checkpoint.master_flushed_offset, checkpoint.confirm_physical_offset});
  std::array<std::byte, kOurFields * 8> ours;
  store_fields<kOurFields>(ours, {kOurMagic, checkpoint.physic_msg_timestamp, checkpoint.covered_offset,
                                  checkpoint.covered_tail, proof_of(checkpoint)});
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
