// SPDX-License-Identifier: Apache-2.0
#include "timer_wheel.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace tenon::delay {
namespace {

static_assert(TimerWheel::kSlots % 64 == 0, "a lap ends with a whole word of bits");

constexpr std::int64_t kFileSize = TimerWheel::kSlots * TimerWheel::kSlotSize;

TimerWheel::Slot decode(const std::byte* in) noexcept {
  return {load_big<std::int64_t>(in), load_big<std::int64_t>(in + 8), load_big<std::int64_t>(in + 16),
          load_big<std::int32_t>(in + 24)};
}

void encode(const TimerWheel::Slot& slot, std::byte* out) noexcept {
  store_big(out, slot.number);
  store_big(out + 8, slot.first_pos);
  store_big(out + 16, slot.last_pos);
  store_big(out + 24, slot.count);
  store_big<std::int32_t>(out + 28, 0);
}

}  // namespace

Status TimerWheel::open(std::int64_t first) {
  std::error_code error;
  const std::uintmax_t length = std::filesystem::file_size(path_, error);
  is_new_ = static_cast<bool>(error) || length == 0;
  if (!is_new_ && static_cast<std::int64_t>(length) != kFileSize) {
    return Error(Errc::corrupt, text(path_.native(), " has ", length, " bytes, a timer wheel has ", kFileSize));
  }
  auto file = PositionedFile::open(path_, kFileSize);
  if (!file) return file.error();
  file_ = std::move(*file);
  if (is_new_) return {};
  std::vector<std::byte> block(static_cast<std::size_t>(kSlotSize) * 4'096);
  for (std::int64_t index = 0; index < kSlots;) {
    // Most of it has never been written to.
    index = file_->next_data(index * kSlotSize) / kSlotSize;
    if (index >= kSlots) break;
    if (Status read = file_->read(index * kSlotSize, block); !read) return read;
    for (std::size_t at = 0; at < block.size() && index < kSlots; at += kSlotSize, ++index) {
      const Slot slot = decode(block.data() + at);
      if (slot.number > 0 && slot.number >= first && slot.last_pos >= 0 && index_of(slot.number) == index)
        mark(slot.number);
    }
  }
  return {};
}

Result<std::optional<TimerWheel::Slot>> TimerWheel::find(std::int64_t number) const {
  if (const auto changed = changed_.find(number); changed != changed_.end()) return std::optional(changed->second);
  std::array<std::byte, kSlotSize> bytes;
  if (Status read = file_->read(index_of(number) * kSlotSize, bytes); !read) return read.error();
  const Slot slot = decode(bytes.data());
  if (slot.number != number || slot.last_pos < 0) return std::optional<Slot>();
  return std::optional(slot);
}

Result<std::int64_t> TimerWheel::add(std::int64_t number, std::int64_t position, bool deletes) {
  const auto known = find(number);
  if (!known) return known.error();
  Slot slot = known->value_or(Slot{number, position, -1, 0});
  const std::int64_t previous = slot.last_pos;
  slot.last_pos = position;
  slot.count += deletes ? -1 : 1;
  changed_[number] = slot;
  mark(number);
  return previous;
}

Status TimerWheel::note(std::int64_t number, std::int64_t position, bool deletes) {
  const auto known = find(number);
  if (!known) return known.error();
  if (*known && (*known)->last_pos >= position) return {};
  const auto added = add(number, position, deletes);
  return added ? Status{} : Status(added.error());
}

Status TimerWheel::commit() {
  std::array<std::byte, kSlotSize> bytes;
  for (const auto& [number, slot] : changed_) {
    encode(slot, bytes.data());
    if (Status written = file_->write(index_of(number) * kSlotSize, bytes); !written) return written;
  }
  changed_.clear();
  return {};
}

void TimerWheel::mark(std::int64_t number) noexcept {
  const auto index = static_cast<std::size_t>(index_of(number));
  const std::uint64_t bit = std::uint64_t{1} << (index % 64);
  if ((in_use_[index / 64] & bit) == 0) ++in_use_count_;
  in_use_[index / 64] |= bit;
}

void TimerWheel::forget(std::int64_t number) noexcept {
  const auto index = static_cast<std::size_t>(index_of(number));
  const std::uint64_t bit = std::uint64_t{1} << (index % 64);
  if ((in_use_[index / 64] & bit) != 0) --in_use_count_;
  in_use_[index / 64] &= ~bit;
}

std::optional<std::int64_t> TimerWheel::next_in_use(std::int64_t from, std::int64_t most) const noexcept {
  for (std::int64_t number = from; number <= from + most;) {
    const auto index = static_cast<std::size_t>(index_of(number));
    const std::uint64_t rest = in_use_[index / 64] >> (index % 64);
    if (rest == 0) {
      number += static_cast<std::int64_t>(64 - index % 64);
      continue;
    }
    number += std::countr_zero(rest);
    return number <= from + most ? std::optional(number) : std::nullopt;
  }
  return std::nullopt;
}

void TimerWheel::for_each(const std::function<void(const Slot&)>& visit) const {
  for (std::size_t word = 0; word < in_use_.size(); ++word) {
    for (std::uint64_t bits = in_use_[word]; bits != 0; bits &= bits - 1) {
      const auto index = static_cast<std::int64_t>(word * 64) + std::countr_zero(bits);
      std::array<std::byte, kSlotSize> bytes;
      if (!file_->read(index * kSlotSize, bytes)) continue;
      visit(decode(bytes.data()));
    }
  }
}

Status TimerWheel::clear() {
  std::ranges::fill(in_use_, 0);
  in_use_count_ = 0;
  changed_.clear();
  const std::vector<std::byte> zeros(1 << 20);
  for (std::int64_t at = 0; at < kFileSize; at += static_cast<std::int64_t>(zeros.size())) {
    const auto size = std::min<std::int64_t>(static_cast<std::int64_t>(zeros.size()), kFileSize - at);
    if (Status written = file_->write(at, std::span(zeros).first(static_cast<std::size_t>(size))); !written)
      return written;
  }
  return {};
}

}  // namespace tenon::delay
