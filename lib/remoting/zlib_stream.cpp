// SPDX-License-Identifier: Apache-2.0
#include "remoting/zlib_stream.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>

#include "tenon/text.hpp"

namespace tenon::remoting {
namespace {

constexpr std::size_t kFirstOutput = 4096;

/// zlib takes pointers without const for its input.
Bytef* input_of(std::span<const std::byte> bytes) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

/// An inflate state that is always given back.
class Inflater {
 public:
  explicit Inflater(std::span<const std::byte> compressed) {
    stream_.next_in = input_of(compressed);
    stream_.avail_in = static_cast<uInt>(compressed.size());
    if (inflateInit(&stream_) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  /// Fills `room` as far as possible; `filled` says how far.
  int inflate_into(std::span<std::byte> room, std::size_t& filled) {
    stream_.next_out = reinterpret_cast<Bytef*>(room.data());
    stream_.avail_out = static_cast<uInt>(room.size());
    const int outcome = ::inflate(&stream_, Z_NO_FLUSH);
    filled = room.size() - stream_.avail_out;
    return outcome;
  }

 private:
  z_stream stream_{};
};

Error damaged(std::size_t compressed) {
  return {Errc::message_illegal, text("a zlib stream of ", compressed, " bytes is damaged or cut short")};
}

}  // namespace

Result<std::vector<std::byte>> inflate_bounded(std::span<const std::byte> compressed, std::size_t max_bytes) {
  Inflater inflater(compressed);
  std::vector<std::byte> plain;
  std::size_t size = 0;
  int outcome = Z_OK;
  while (outcome == Z_OK) {
    if (size > max_bytes) break;
    // One byte of room beyond the limit tells "exactly the limit" from "more".
    const std::size_t room = std::min(std::max(size, kFirstOutput), max_bytes + 1 - size);
    plain.resize(size + room);
    std::size_t filled = 0;
    outcome = inflater.inflate_into(std::span(plain).subspan(size), filled);
    size += filled;
    if (filled == 0 && outcome == Z_OK) break;
  }
  if (size > max_bytes) {
    return Error(Errc::message_illegal, text("a zlib stream inflates to more than ", max_bytes, " bytes"));
  }
  if (outcome != Z_STREAM_END) return damaged(compressed.size());
  plain.resize(size);
  return plain;
}

std::vector<std::byte> deflate_all(std::span<const std::byte> plain, int level) {
  uLongf size = compressBound(static_cast<uLong>(plain.size()));
  std::vector<std::byte> out(size);
  const int outcome = compress2(reinterpret_cast<Bytef*>(out.data()), &size, input_of(plain),
                                static_cast<uLong>(plain.size()), std::clamp(level, 1, 9));
  if (outcome != Z_OK) throw std::bad_alloc();  // The only failure left: the room is sufficient by definition.
  out.resize(size);
  return out;
}

std::uint32_t crc32_31(std::span<const std::byte> bytes) noexcept {
  const uLong crc = ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  return static_cast<std::uint32_t>(crc) & 0x7FFFFFFFU;
}

}  // namespace tenon::remoting
