// SPDX-License-Identifier: Apache-2.0
#include "tenon/properties.hpp"

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tenon {
namespace {

constexpr char kNameEnd = '\x01';
constexpr char kEntryEnd = '\x02';
constexpr char32_t kReplacement = 0xFFFD;

/// Takes one code point off `rest`.
char32_t next_code_point(std::string_view& rest) noexcept {
  const auto lead = static_cast<unsigned char>(rest.front());
  rest.remove_prefix(1);
  if (lead < 0x80) return lead;
  const int following = lead >= 0xF0 && lead < 0xF5 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : 0;
  if (following == 0 || lead >= 0xF5 || rest.size() < static_cast<std::size_t>(following)) return kReplacement;
  char32_t code_point = lead & (0x3F >> following);
  for (int index = 0; index < following; ++index) {
    const auto byte = static_cast<unsigned char>(rest[static_cast<std::size_t>(index)]);
    if ((byte & 0xC0) != 0x80) return kReplacement;
    code_point = (code_point << 6) | (byte & 0x3F);
  }
  rest.remove_prefix(static_cast<std::size_t>(following));
  return code_point;
}

constexpr std::uint32_t k1 = 31, k2 = k1 * k1, k4 = k2 * k2, k8 = k4 * k4;

#if defined(__SSE2__)
/// The hash of sixteen ASCII characters alone.
std::uint32_t hash_of_16(__m128i characters) noexcept {
  const __m128i join_ones = _mm_set1_epi32(1 << 16 | k1), join_twos = _mm_set1_epi32(1 << 16 | k2);
  const __m128i zero = _mm_setzero_si128();
  const __m128i first_twos = _mm_madd_epi16(_mm_unpacklo_epi8(characters, zero), join_ones);
  const __m128i last_twos = _mm_madd_epi16(_mm_unpackhi_epi8(characters, zero), join_ones);
  const __m128i fours = _mm_madd_epi16(_mm_packs_epi32(first_twos, last_twos), join_twos);
  const __m128i even = _mm_mul_epu32(fours, _mm_set_epi64x(k4, k8 * k4));
  const __m128i odd = _mm_mul_epu32(_mm_srli_epi64(fours, 32), _mm_set_epi64x(1, k8));
  const __m128i halves = _mm_add_epi32(even, odd);
  return static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_add_epi32(halves, _mm_unpackhi_epi64(halves, halves))));
}
#endif

/// Takes the ASCII characters off the front of `rest`; many at a time, neighbours joined in all lanes at once, because
/// each step of the plain loop waits for the one before.
std::uint32_t hash_ascii(std::uint32_t hash, std::string_view& rest) noexcept {
  const auto* at = reinterpret_cast<const unsigned char*>(rest.data());
  const auto* const end = at + rest.size();
#if defined(__SSE2__)
  for (; end - at >= 16; at += 16) {
    const __m128i characters = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    if (_mm_movemask_epi8(characters) != 0) break;
    hash = hash * (k8 * k8) + hash_of_16(characters);
  }
#endif
  while (std::endian::native == std::endian::little && end - at >= 8) {
    std::uint64_t eight;
    std::memcpy(&eight, at, sizeof eight);
    if ((eight & 0x8080808080808080) != 0) break;
    const std::uint64_t twos = (eight & 0x00FF00FF00FF00FF) * k1 + (eight >> 8 & 0x00FF00FF00FF00FF);
    const std::uint64_t fours = (twos & 0x0000FFFF0000FFFF) * k2 + (twos >> 16 & 0x0000FFFF0000FFFF);
    hash = hash * k8 + static_cast<std::uint32_t>(fours) * k4 + static_cast<std::uint32_t>(fours >> 32);
    at += 8;
  }
  if (std::uint32_t four = 0; end - at >= 4) {
    std::memcpy(&four, at, sizeof four);
    if ((four & 0x80808080) == 0) {
      hash = hash * k4 + at[0] * (k2 * k1) + at[1] * k2 + at[2] * k1 + at[3];
      at += 4;
    }
  }
  for (; at != end && *at < 0x80; ++at) hash = hash * k1 + *at;
  rest.remove_prefix(static_cast<std::size_t>(reinterpret_cast<const char*>(at) - rest.data()));
  return hash;
}

/// Apart, because hardly any text needs it.
[[gnu::noinline]] std::uint32_t hash_any(std::uint32_t hash, std::string_view utf8) noexcept {
  while (!utf8.empty()) {
    const char32_t code_point = next_code_point(utf8);
    if (code_point < 0x10000) {
      hash = 31 * hash + static_cast<std::uint32_t>(code_point);
    } else {
      const auto offset = static_cast<std::uint32_t>(code_point - 0x10000);
      hash = 31 * hash + (0xD800 + (offset >> 10));
      hash = 31 * hash + (0xDC00 + (offset & 0x3FF));
    }
  }
  return hash;
}

}  // namespace

std::optional<PropertiesView::Entry> PropertiesView::next_entry(std::string_view& rest) noexcept {
  const std::size_t end = rest.find(kEntryEnd);
  const std::string_view entry = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  const std::size_t split = entry.find(kNameEnd);
  if (split == std::string_view::npos || split == 0 || split + 1 == entry.size()) return std::nullopt;
  return Entry{entry.substr(0, split), entry.substr(split + 1)};
}

std::optional<std::string_view> PropertiesView::find(std::string_view name) const noexcept {
  // From the back, because the last of several entries counts.
  std::string_view rest = wire_;
  if (rest.ends_with(kEntryEnd)) rest.remove_suffix(1);
  while (!rest.empty()) {
    // memrchr looks at 32 bytes at a time; this runs once or twice for each message.
    const void* end_of_previous = memrchr(rest.data(), kEntryEnd, rest.size());
    const std::size_t before = end_of_previous == nullptr
                                   ? std::string_view::npos
                                   : static_cast<std::size_t>(static_cast<const char*>(end_of_previous) - rest.data());
    const std::string_view entry = before == std::string_view::npos ? rest : rest.substr(before + 1);
    if (entry.size() > name.size() + 1 && entry[name.size()] == kNameEnd && entry.starts_with(name)) {
      return entry.substr(name.size() + 1);
    }
    rest = before == std::string_view::npos ? std::string_view{} : rest.substr(0, before);
  }
  return std::nullopt;
}

void append_property(std::string& wire, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  if (!wire.empty() && wire.back() != kEntryEnd) wire.push_back(kEntryEnd);
  wire.append(name).push_back(kNameEnd);
  wire.append(value).push_back(kEntryEnd);
}

void remove_property(std::string& wire, std::string_view name) {
  std::string kept;
  kept.reserve(wire.size());
  PropertiesView(wire).for_each([&](std::string_view entry_name, std::string_view value) {
    if (entry_name != name) append_property(kept, entry_name, value);
  });
  wire = std::move(kept);
}

void set_property(std::string& wire, std::string_view name, std::string_view value) {
  std::string entry;  // made first, as both may lie in `wire`
  append_property(entry, name, value);
  if (PropertiesView(wire).find(name)) remove_property(wire, name);
  if (entry.empty()) return;
  if (!wire.empty() && wire.back() != kEntryEnd) wire.push_back(kEntryEnd);
  wire.append(entry);
}

std::int32_t java_string_hash(std::string_view utf8, std::int32_t before) noexcept {
  const std::uint32_t hash = hash_ascii(static_cast<std::uint32_t>(before), utf8);
  return static_cast<std::int32_t>(utf8.empty() ? hash : hash_any(hash, utf8));
}

std::int64_t tags_code_of(const PropertiesView& properties) noexcept {
  const auto tags = properties.find(property::tags);
  return tags ? java_string_hash(*tags) : 0;
}

// Flat, so that names are compared as the few bytes that they are.
[[gnu::flatten]] IndexedProperties indexed_properties_of(const PropertiesView& properties) noexcept {
  IndexedProperties found;
  properties.for_each_entry([&found](std::string_view entry) {
    const auto assign = [entry](std::string_view name, std::string_view& into) {
      if (const auto value = PropertiesView::value_if(entry, name); !value.empty()) into = value;
    };
    switch (entry.front()) {
      case 'K':
        return assign(property::keys, found.keys);
      case 'T':
        return assign(property::tags, found.tags);
      case 'U':
        return assign(property::unique_key, found.unique_key);
      default:
        return;
    }
  });
  return found;
}

}  // namespace tenon
