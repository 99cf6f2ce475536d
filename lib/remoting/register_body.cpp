// SPDX-License-Identifier: Apache-2.0
#include "remoting/register_body.hpp"

#include <cstdint>

#include "remoting/big_endian.hpp"
#include "remoting/output_buffer.hpp"
#include "remoting/zlib_stream.hpp"
#include "tenon/text.hpp"

namespace tenon::remoting {
namespace {

constexpr std::size_t kPartLengthBytes = 4;
/// Topics that one broker may register; keeps a body of empty parts from becoming a table many times its size.
constexpr std::size_t kMaxParts = 1000 * 1000;

/// Takes length-prefixed texts off the front of the inflated body.
class Parts {
 public:
  explicit Parts(std::span<const std::byte> bytes) : rest_(bytes) {}

  bool take(std::string& part) {
    std::uint32_t length = 0;
    if (!take_count(length) || length > rest_.size()) return false;
    part.assign(reinterpret_cast<const char*>(rest_.data()), length);
    rest_ = rest_.subspan(length);
    return true;
  }

  bool take(std::vector<std::string>& parts) {
    std::uint32_t count = 0;
    if (!take_count(count) || count > kMaxParts || count > rest_.size() / kPartLengthBytes) return false;
    parts.resize(count);
    for (std::string& part : parts) {
      if (!take(part)) return false;
    }
    return true;
  }

 private:
  bool take_count(std::uint32_t& count) {
    if (rest_.size() < kPartLengthBytes) return false;
    count = load_be<std::uint32_t>(rest_.data());
    rest_ = rest_.subspan(kPartLengthBytes);
    return true;
  }

  std::span<const std::byte> rest_;
};

void append_part(OutputBuffer& out, std::string_view part) {
  out.append_be32(static_cast<std::uint32_t>(part.size()));
  out.append(part);
}

void append_parts(OutputBuffer& out, const std::vector<std::string>& parts) {
  out.append_be32(static_cast<std::uint32_t>(parts.size()));
  for (const std::string& part : parts) append_part(out, part);
}

}  // namespace

Result<RegisterParts> decode_compressed_register_body(std::span<const std::byte> body, bool with_mappings,
                                                      std::size_t max_inflated_bytes) {
  auto plain = inflate_bounded(body, max_inflated_bytes);
  if (plain.has_error()) return plain.error();
  Parts parts(*plain);
  RegisterParts decoded;
  const bool whole = parts.take(decoded.data_version) && parts.take(decoded.topic_configs) &&
                     parts.take(decoded.filter_servers) && (!with_mappings || parts.take(decoded.queue_mappings));
  if (!whole) {
    return Error(Errc::message_illegal, text("a compressed registration of ", plain->size(), " bytes is malformed"));
  }
  return decoded;
}

std::vector<std::byte> encode_compressed_register_body(const RegisterParts& parts, bool with_mappings) {
  OutputBuffer plain;
  append_part(plain, parts.data_version);
  append_parts(plain, parts.topic_configs);
  append_part(plain, parts.filter_servers);
  if (with_mappings) append_parts(plain, parts.queue_mappings);
  return deflate_all(plain.bytes());
}

}  // namespace tenon::remoting
