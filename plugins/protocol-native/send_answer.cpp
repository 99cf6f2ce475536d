// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/send_answer.hpp"

#include "protocol-native/errors.hpp"
#include "record/message_id.hpp"
#include "remoting/command_writer.hpp"
#include "remoting/hot_responses.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::HeaderType;

/// The ids of a batch, joined: one per message.
std::string batch_ids(const PublishReceipt& receipt) {
  std::string ids(receipt.batch_physical_offsets.size() * (record::kOffsetMessageIdSizeMax + 1), '\0');
  char* at = ids.data();
  for (const PhysicalOffset offset : receipt.batch_physical_offsets) {
    at += record::write_offset_message_id(receipt.store_host, offset, at);
    *at++ = ',';
  }
  ids.resize(static_cast<std::size_t>(at - ids.data()) - 1);  // without the last comma
  return ids;
}

remoting::SendResponse response_of(const SendsInFlight::Send& send, const PublishReceipt& receipt,
                                   const TraceFields& traces) {
  remoting::SendResponse response;
  response.opaque = send.opaque;
  response.region = traces.region;
  response.trace_on = traces.trace_on;
  response.queue_id = receipt.queue_id;
  response.queue_offset = receipt.append.queue_offset.value;
  response.transaction_id = receipt.unique_key.empty() ? send.unique_key : receipt.unique_key;
  if (response.transaction_id.empty()) {
    response.transaction_id = PropertiesView(send.properties).find(property::unique_key).value_or("");
  }
  return response;
}

/// The rare answers that carry one field more; fields in the order of a Java broker.
void write_longer_answer(remoting::OutputBuffer& out, const remoting::SendResponse& response, std::string_view name,
                         std::string_view value) {
  auto start = remoting::response_start(HeaderType::json, response.code, response.opaque, response.remark);
  remoting::CommandWriter writer(out, start);
  writer.field("queueId", response.queue_id).field("transactionId", response.transaction_id);
  writer.field("msgId", response.msg_id).field("TRACE_ON", response.trace_on);
  writer.field("MSG_REGION", response.region).field(name, value);
  writer.field("queueOffset", response.queue_offset);
  writer.finish();
}

}  // namespace

void write_send_answer(remoting::OutputBuffer& out, const SendsInFlight::Send& send, const PublishReceipt& receipt,
                       const TraceFields& traces) {
  auto response = response_of(send, receipt, traces);
  std::string remark;
  if (receipt.degraded) {
    response.code = response_code_of(receipt.degraded);
    remark = receipt.degraded.message();
    response.remark = remark;
  }
  if (receipt.batch_physical_offsets.empty()) {
    char id[record::kOffsetMessageIdSizeMax];
    const auto size = record::write_offset_message_id(receipt.store_host, receipt.append.physical_offset, id);
    response.msg_id = {id, size};
    if (receipt.recall_handle) return write_longer_answer(out, response, "recallHandle", *receipt.recall_handle);
    if (send.batch) return write_longer_answer(out, response, "batchUniqId", response.transaction_id);
    remoting::write_send_response(out, HeaderType::json, response);
  } else {
    const std::string ids = batch_ids(receipt);
    response.msg_id = ids;
    remoting::write_send_response(out, HeaderType::json, response);
  }
}

std::string message_id_of(const PublishReceipt& receipt) {
  return record::to_string({receipt.store_host, receipt.append.physical_offset});
}

void write_send_error(remoting::OutputBuffer& out, std::int32_t opaque, const Error& error, const TraceFields& traces) {
  const auto code = response_code_of(error.code());
  remoting::CommandWriter writer(out, remoting::response_start(HeaderType::json, code, opaque, error.message()));
  writer.field("MSG_REGION", traces.region).field("TRACE_ON", traces.trace_on);
  writer.finish();
}

}  // namespace tenon::protocol_native
