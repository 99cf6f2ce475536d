// SPDX-License-Identifier: Apache-2.0
#include "bench/request_frame.hpp"

#include <charconv>
#include <chrono>

#include "tenon/text.hpp"

namespace tenon::bench {
namespace {

constexpr std::string_view kQueueId = R"("d":"4","e":")";
constexpr std::string_view kTail = R"(,"serializeTypeCurrentRPC":"JSON","version":493})";
/// 24 digits in front of the eight that count: address, process, class loader, time of a Java client.
constexpr std::string_view kUniqueKeyPrefix = "7F00000143AD4E0E2F2A69AC";

void append_u32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

void append_u16(std::string& out, std::uint32_t value) {
  out.push_back(static_cast<char>(value >> 8));
  out.push_back(static_cast<char>(value));
}

void write_hex(char* digits, std::uint32_t value) noexcept {
  for (int i = 7; i >= 0; --i, value >>= 4) digits[i] = "0123456789ABCDEF"[value & 15];
}

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string random_looking_body(int bytes) {
  std::string body;
  for (int i = 0; i < bytes; ++i) body.push_back(static_cast<char>('a' + (i * 7) % 26));
  return body;
}

/// Properties of one message, wire form, with room for the counter. A batch writes the separators raw, a header
/// escaped.
std::string properties_of(bool json) {
  const std::string_view is = json ? "\\u0001" : "\x01", end = json ? "\\u0002" : "\x02";
  return text("UNIQ_KEY", is, kUniqueKeyPrefix, "00000000", end, "WAIT", is, "true", end, "TAGS", is, "TagA", end);
}

std::string batch_body(const MessageShape& shape) {
  const std::string body = random_looking_body(shape.body_bytes), properties = properties_of(false);
  std::string out;
  for (int i = 0; i < shape.batch; ++i) {
    append_u32(out, static_cast<std::uint32_t>(22 + body.size() + properties.size()));
    append_u32(out, 0);  // magic
    append_u32(out, 0);  // body CRC: the broker computes it
    append_u32(out, 0);  // flag
    append_u32(out, static_cast<std::uint32_t>(body.size()));
    out += body;
    append_u16(out, static_cast<std::uint32_t>(properties.size()));
    out += properties;
  }
  return out;
}

std::string send_header(const MessageShape& shape, int queue_id, std::int32_t opaque) {
  const bool batch = shape.batch > 1;
  // A user property brings the header to the 418 bytes of the recorded one.
  return text(R"({"code":)", batch ? 320 : 310, R"(,"extFields":{"a":")", shape.group, R"(","b":")", shape.topic,
              R"(","c":"TBW102",)", kQueueId, queue_id, R"(","f":"0","g":")", now_ms(), R"(","h":"0","i":")",
              batch ? "" : "colour\\u0001ultramarine deep seawater\\u0002", properties_of(true),
              R"(","j":"0","k":"false","m":")", batch, R"(","n":"broker-a"},"flag":0,"language":"JAVA","opaque":)",
              opaque, kTail);
}

}  // namespace

std::string frame_of(std::string_view header, std::string_view body) {
  std::string out;
  out.reserve(8 + header.size() + body.size());
  append_u32(out, static_cast<std::uint32_t>(4 + header.size() + body.size()));
  append_u32(out, static_cast<std::uint32_t>(header.size()));  // type 0 (JSON) in the high byte
  out.append(header).append(body);
  return out;
}

SendFrame::SendFrame(const MessageShape& shape, int queue_id) {
  const bool batch = shape.batch > 1;
  const std::string header = send_header(shape, queue_id, kFirstOpaque);
  header_bytes_ = header.size();
  bytes_ = frame_of(header, batch ? batch_body(shape) : random_looking_body(shape.body_bytes));
  opaque_ = bytes_.rfind(kTail, 8 + header_bytes_) - 10;
  queue_id_ = bytes_.find(kQueueId) + kQueueId.size();
  first_body_ = 8 + header_bytes_ + (batch ? 20 : 0);
  for (std::size_t at = bytes_.find(kUniqueKeyPrefix); at != std::string::npos;
       at = bytes_.find(kUniqueKeyPrefix, at + 1)) {
    counters_.push_back(at + kUniqueKeyPrefix.size());
  }
}

void SendFrame::address(std::int32_t opaque) noexcept {
  std::to_chars(&bytes_[opaque_], &bytes_[opaque_ + 10], opaque);
}

void SendFrame::number(std::uint32_t counter) noexcept {
  for (const std::size_t at : counters_) write_hex(bytes_.data() + at, counter++);
}

void SendFrame::readdress(int queue_id) noexcept {
  std::to_chars(&bytes_[queue_id_], &bytes_[queue_id_ + 10], queue_id);
}

SendFrames::SendFrames(const MessageShape& shape, int queues) : queues_(static_cast<std::uint64_t>(queues)) {
  by_digits_.emplace_back(shape, 0);
  for (int first = 10; first < queues; first *= 10) by_digits_.emplace_back(shape, first);
}

SendFrame& SendFrames::of(std::uint64_t request) noexcept {
  const auto queue = static_cast<int>(request % queues_);
  std::size_t digits = 0;
  for (int rest = queue; rest >= 10; rest /= 10) ++digits;
  by_digits_[digits].readdress(queue);
  return by_digits_[digits];
}

std::string pull_frame(const PullShape& shape) {
  const int sys_flag = 4 | (shape.suspend_ms > 0 ? 2 : 0);  // subscription in the request; may be held
  return frame_of(
      text(R"({"code":11,"extFields":{"queueId":")", shape.queue_id, R"(","maxMsgBytes":"262144","maxMsgNums":")",
           shape.messages_max, R"(","sysFlag":")", sys_flag, R"(","suspendTimeoutMillis":")", shape.suspend_ms,
           R"(","commitOffset":"0","topic":")", shape.topic, R"(","queueOffset":")", shape.queue_offset,
           R"(","expressionType":"TAG","subscription":"*","subVersion":"0","consumerGroup":"TOOLS_CONSUMER"})",
           R"(,"flag":0,"language":"JAVA","opaque":)", shape.opaque, kTail));
}

std::string create_topic_frame(std::string_view topic, int queues, std::int32_t opaque) {
  return frame_of(
      text(R"({"code":17,"extFields":{"topic":")", topic, R"(","defaultTopic":"TBW102","readQueueNums":")", queues,
           R"(","writeQueueNums":")", queues,
           R"(","perm":"6","topicFilterType":"SINGLE_TAG","topicSysFlag":"0","order":"false","attributes":""})",
           R"(,"flag":0,"language":"JAVA","opaque":)", opaque, kTail));
}

std::string queue_offset_frame(int code, std::string_view topic, int queue_id, std::int32_t opaque) {
  return frame_of(text(R"({"code":)", code, R"(,"extFields":{"topic":")", topic, R"(","queueId":")", queue_id,
                       R"(","committed":"true"},"flag":0,"language":"JAVA","opaque":)", opaque, kTail));
}

}  // namespace tenon::bench
