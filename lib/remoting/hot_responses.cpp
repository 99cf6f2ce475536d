// SPDX-License-Identifier: Apache-2.0
#include "remoting/hot_responses.hpp"

#include <cstring>

#include "json_text/json_text.hpp"
#include "remoting/command_writer.hpp"
#include "remoting/digits.hpp"

namespace tenon::remoting {
namespace {

using namespace std::string_view_literals;

/// Longest that the literal parts and the numbers of one header can get together.
constexpr std::size_t kTemplateBytes = 640;
/// What all JSON response headers end with, around the opaque and the remark.
constexpr std::string_view kBeforeOpaque = "},\"flag\":1,\"language\":\"JAVA\",\"opaque\":"sv;
constexpr std::string_view kEnd = ",\"serializeTypeCurrentRPC\":\"JSON\",\"version\":493}"sv;
static_assert(mq_version::ours == 493, "kEnd names it");

/// Writes into room that is known to suffice.
class Filler {
 public:
  Filler(OutputBuffer& out, std::size_t texts) : out_(out) {
    begin_ = at_ = out.room(kTemplateBytes + texts * json_text::kMaxEscaped + json_text::kSlack);
    at_ += kFramePrefixBytes;
  }
  Filler& put(std::string_view literal) {
    std::memcpy(at_, literal.data(), literal.size());
    at_ += literal.size();
    return *this;
  }
  Filler& put_number(std::int64_t number) {
    at_ = write_number(at_, number);
    return *this;
  }
  Filler& put_text(std::string_view text) {
    at_ = json_text::write_escaped(at_, text);
    return *this;
  }
  /// The end of the header, and the lengths in front.
  void finish(std::int32_t opaque, std::optional<std::string_view> remark, std::size_t body_bytes) {
    put(kBeforeOpaque).put_number(opaque);
    if (remark) put(",\"remark\":\""sv).put_text(*remark).put("\""sv);
    put(kEnd);
    const auto header_bytes = static_cast<std::size_t>(at_ - begin_) - kFramePrefixBytes;
    const std::size_t frame_begin = out_.size();
    out_.advance(static_cast<std::size_t>(at_ - begin_));
    out_.patch_be32(frame_begin, static_cast<std::uint32_t>(4 + header_bytes + body_bytes));
    out_.patch_be32(frame_begin + 4, static_cast<std::uint32_t>(header_bytes));  // Type 0, JSON.
  }

 private:
  OutputBuffer& out_;
  char* begin_;
  char* at_;
};

/// The order is that of the Java servers, whose class writes itself.
void write_binary(OutputBuffer& out, const SendResponse& response) {
  CommandWriter writer(out, response_start(HeaderType::binary, response.code, response.opaque, response.remark));
  writer.field("msgId", response.msg_id)
      .field("queueId", response.queue_id)
      .field("queueOffset", response.queue_offset);
  if (!response.transaction_id.empty()) writer.field("transactionId", response.transaction_id);
  writer.field("TRACE_ON", response.trace_on).field("MSG_REGION", response.region).finish();
}

void write_binary(OutputBuffer& out, const PullResponse& response, std::size_t body_bytes) {
  CommandWriter writer(out, response_start(HeaderType::binary, response.code, response.opaque, response.remark));
  writer.field("suggestWhichBrokerId", response.suggest_which_broker_id)
      .field("nextBeginOffset", response.next_begin_offset)
      .field("minOffset", response.min_offset)
      .field("maxOffset", response.max_offset)
      .field("topicSysFlag", response.topic_sys_flag)
      .field("groupSysFlag", response.group_sys_flag)
      .finish(body_bytes);
}

}  // namespace

void write_send_response(OutputBuffer& out, HeaderType type, const SendResponse& response) {
  if (type == HeaderType::binary) return write_binary(out, response);
  const std::size_t texts = response.msg_id.size() + response.transaction_id.size() + response.region.size() +
                            response.remark.value_or(std::string_view()).size();
  Filler fill(out, texts);
  if (response.code == ResponseCode::success) {
    fill.put("{\"code\":0,\"extFields\":{\"queueId\":\""sv);
  } else {
    fill.put("{\"code\":"sv).put_number(static_cast<std::int32_t>(response.code));
    fill.put(",\"extFields\":{\"queueId\":\""sv);
  }
  fill.put_number(response.queue_id);
  if (!response.transaction_id.empty()) fill.put("\",\"transactionId\":\""sv).put_text(response.transaction_id);
  fill.put("\",\"msgId\":\""sv).put(response.msg_id);
  if (response.trace_on && response.region == "DefaultRegion"sv) {
    fill.put("\",\"TRACE_ON\":\"true\",\"MSG_REGION\":\"DefaultRegion\",\"queueOffset\":\""sv);
  } else {
    fill.put(response.trace_on ? "\",\"TRACE_ON\":\"true\""sv : "\",\"TRACE_ON\":\"false\""sv);
    fill.put(",\"MSG_REGION\":\""sv).put_text(response.region).put("\",\"queueOffset\":\""sv);
  }
  fill.put_number(response.queue_offset).put("\""sv);
  fill.finish(response.opaque, response.remark, 0);
}

void write_pull_response(OutputBuffer& out, HeaderType type, const PullResponse& response, std::size_t body_bytes) {
  if (type == HeaderType::binary) return write_binary(out, response, body_bytes);
  Filler fill(out, response.remark.size());
  fill.put("{\"code\":"sv).put_number(static_cast<std::int32_t>(response.code));
  fill.put(",\"extFields\":{\"suggestWhichBrokerId\":\""sv).put_number(response.suggest_which_broker_id);
  fill.put("\",\"groupSysFlag\":\""sv).put_number(response.group_sys_flag);
  fill.put("\",\"nextBeginOffset\":\""sv).put_number(response.next_begin_offset);
  fill.put("\",\"maxOffset\":\""sv).put_number(response.max_offset);
  fill.put("\",\"minOffset\":\""sv).put_number(response.min_offset);
  fill.put("\",\"topicSysFlag\":\""sv).put_number(response.topic_sys_flag).put("\""sv);
  fill.finish(response.opaque, response.remark, body_bytes);
}

}  // namespace tenon::remoting
