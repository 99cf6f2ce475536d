// SPDX-License-Identifier: Apache-2.0
#include "replication/extended_frames.hpp"

#include <algorithm>
#include <type_traits>

#include "record/crc32.hpp"
#include "record/layout.hpp"

namespace tenon::replication {
namespace {

constexpr std::int32_t kMagic = 0x544E4841;  // "TNHA"
constexpr std::size_t kTextMax = 1'024;

bool is_control(unsigned char character) { return character < ' ' || character == 0x7f; }

/// Fields in the order of the wire, written.
class Writer {
 public:
  template <std::integral Integer>
  void field(const Integer& integer) {
    std::byte bytes[sizeof integer];
    record::store_big(bytes, integer);
    out_.append(reinterpret_cast<const char*>(bytes), sizeof bytes);
  }
  void field(const std::string& words) {
    const auto size = static_cast<std::int16_t>(std::min(words.size(), kTextMax));
    field(size);
    out_.append(words, 0, static_cast<std::size_t>(size));
  }
  void field(const std::vector<Epoch>& epochs) {
    field(static_cast<std::int32_t>(epochs.size()));
    for (const Epoch& epoch : epochs) {
      field(epoch.number);
      field(epoch.start.value);
    }
  }
  std::string& out() noexcept { return out_; }

 private:
  std::string out_;
};

/// The same, read. After a field that is not there everything reads as nothing, and ok() says no.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> rest) : rest_(rest) {}

  template <std::integral Integer>
  void field(Integer& integer) {
    if (!has(sizeof integer)) return;
    integer = record::load_big<Integer>(rest_.data());
    rest_ = rest_.subspan(sizeof integer);
  }
  void field(std::string& words) {
    std::int16_t size = 0;
    field(size);
    if (size < 0 || static_cast<std::size_t>(size) > kTextMax || !has(static_cast<std::size_t>(size))) return fail();
    words.assign(reinterpret_cast<const char*>(rest_.data()), static_cast<std::size_t>(size));
    // It comes into logs, whoever sent it: there are no lines in it, nor commands to a terminal.
    std::ranges::replace_if(words, is_control, '?');
    rest_ = rest_.subspan(static_cast<std::size_t>(size));
  }
  void field(std::vector<Epoch>& epochs) {
    std::int32_t count = 0;
    field(count);
    if (count < 0 || static_cast<std::size_t>(count) > EpochHistory::kEpochsMax) return fail();
    for (std::int32_t index = 0; index < count && ok_; ++index) {
      Epoch& epoch = epochs.emplace_back();
      field(epoch.number);
      field(epoch.start.value);
    }
  }
  bool ok_and_done() const noexcept { return ok_ && rest_.empty(); }

 private:
  bool has(std::size_t bytes) {
    if (rest_.size() < bytes) fail();
    return ok_;
  }
  void fail() noexcept {
    ok_ = false;
    rest_ = {};
  }

  std::span<const std::byte> rest_;
  bool ok_ = true;
};

// One list of fields a frame, for both directions.

template <class Wire, class Value>
void identity_fields(Wire& wire, Value& identity) {
  wire.field(identity.cluster);
  wire.field(identity.broker_name);
  wire.field(identity.broker_id);
}

template <class Wire, class Value>
requires std::is_same_v<std::remove_const_t<Value>, Welcome>
void fields(Wire& wire, Value& welcome) {
  wire.field(welcome.version);
  identity_fields(wire, welcome.identity);
  wire.field(welcome.log_file_size);
  wire.field(welcome.log_min.value);
  wire.field(welcome.log_max.value);
  auto acknowledge = static_cast<std::uint8_t>(welcome.acknowledge);
  wire.field(acknowledge);
  if constexpr (!std::is_const_v<Value>) welcome.acknowledge = Acknowledge{acknowledge};
  wire.field(welcome.epochs);
}

template <class Wire, class Value>
requires std::is_same_v<std::remove_const_t<Value>, Hello>
void fields(Wire& wire, Value& hello) {
  wire.field(hello.version);
  identity_fields(wire, hello.identity);
  wire.field(hello.begin.value);
  wire.field(hello.last_epoch);
  wire.field(hello.sample.begin.value);
  wire.field(hello.sample.size);
  wire.field(hello.sample.crc);
}

template <class Wire, class Value>
requires std::is_same_v<std::remove_const_t<Value>, Chunk>
void fields(Wire& wire, Value& chunk) {
  wire.field(chunk.begin.value);
  wire.field(chunk.size);
  wire.field(chunk.crc);
  wire.field(chunk.epoch.number);
  wire.field(chunk.epoch.start.value);
  wire.field(chunk.log_max.value);
  wire.field(chunk.confirmed.value);
}

template <class Wire, class Value>
requires std::is_same_v<std::remove_const_t<Value>, Acknowledgement>
void fields(Wire& wire, Value& acknowledgement) { wire.field(acknowledgement.end.value); }

template <class Wire, class Value>
requires std::is_same_v<std::remove_const_t<Value>, Refusal>
void fields(Wire& wire, Value& refusal) { wire.field(refusal.reason); }

Error damaged_frame(std::string_view what) { return Error(Errc::corrupt, text("no replication frame: ", what)); }

/// Kinds on the wire are 1 and the place in the variant.
template <std::size_t index = 0>
Result<Frame> decode_rest(std::size_t kind, std::span<const std::byte> rest) {
  if constexpr (index == std::variant_size_v<Frame>) {
    return damaged_frame(text("unknown kind ", kind));
  } else {
    if (kind != index + 1) return decode_rest<index + 1>(kind, rest);
    std::variant_alternative_t<index, Frame> value;
    Reader reader(rest);
    fields(reader, value);
    if (!reader.ok_and_done()) return damaged_frame("its fields do not fill it");
    return Frame(std::move(value));
  }
}

}  // namespace

std::string encode_frame(const Frame& frame) {
  Writer rest;
  std::visit([&](const auto& value) { fields(rest, value); }, frame);
  Writer header;
  header.field(kMagic);
  header.field(static_cast<std::int32_t>(frame.index() + 1));
  header.field(static_cast<std::int32_t>(rest.out().size()));
  header.field(record::masked_crc32(std::as_bytes(std::span(rest.out()))));
  return std::move(header.out()) + rest.out();
}

Result<std::optional<FrameInBuffer>> next_frame(std::span<const std::byte> input) {
  if (input.size() < kFrameHeaderBytes) return std::optional<FrameInBuffer>();
  if (record::load_big<std::int32_t>(input.data()) != kMagic) return damaged_frame("it does not begin with TNHA");
  const auto kind = record::load_big<std::uint32_t>(input.data() + 4);
  const auto length = record::load_big<std::uint32_t>(input.data() + 8);
  if (length > kFrameRestMax) return damaged_frame(text("a length of ", length));
  if (input.size() < kFrameHeaderBytes + length) return std::optional<FrameInBuffer>();
  const auto rest = input.subspan(kFrameHeaderBytes, length);
  if (record::masked_crc32(rest) != record::load_big<std::int32_t>(input.data() + 12))
    return damaged_frame("the checksum differs");
  auto frame = decode_rest(kind, rest);
  if (!frame) return frame.error();
  return std::optional<FrameInBuffer>({std::move(*frame), kFrameHeaderBytes + length});
}

}  // namespace tenon::replication
