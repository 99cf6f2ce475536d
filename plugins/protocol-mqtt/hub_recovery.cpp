// SPDX-License-Identifier: Apache-2.0
// What a start finds in the log: sessions as the journal tells them, and messages that nobody has been given yet.
#include <vector>

#include "protocol-mqtt/hub.hpp"
#include "protocol-mqtt/mapping/record_mapping.hpp"
#include "record/read_records.hpp"

namespace tenon::protocol_mqtt {

void Hub::recover() {
  const NotedState state = journal_.read();
  recover_from_ = journal_.end();
  recover_to_ = broker_.store->status().max_physical_offset;
  restore(engine_, state);
  if (!state.sessions.empty() || !state.retained.empty()) {
    log().info("restored ", state.sessions.size(), " sessions and ", state.retained.size(), " retained messages");
  }
  if (!state.queues_known) return queues_.skip_to_end(*broker_.store, *broker_.topics);
  for (const auto& [queue, next] : state.queues) queues_.set_next(queue.first, queue.second, next);
  listening_ = engine_.has_subscriptions();
  queues_.mark_all(*broker_.topics);
  finish_recovery();
  post_turn();
}

/// A QoS 2 message is read back. The journal learns of it in the batch that says that it was dispatched: if the process
/// ends before the store has confirmed it, it is not read again, and the client sends it again. At a start: it was
/// stored, but the journal was not told of its identifier, or not that the log had it.
void Hub::note_inbound(const Message& message) {
  if (message.place < recover_to_) recovering_ = true;
  Session* const session = engine_.find_session(message.publisher);
  InboundId* const id = session != nullptr ? inbound_of(*session, message) : nullptr;
  if (id == nullptr) return;
  if (id->held_back) engine_.held_back_no_more(*session, *id);
  if (std::exchange(id->in_log, true)) return;
  engine_.touch(*session);
}

/// The identifier under which its publisher sent it, if that is still to be known.
InboundId* Hub::inbound_of(Session& session, const Message& message) {
  if (message.qos2_packet_id == 0) return nullptr;
  if (InboundId* id = session.inbound.find(message.qos2_packet_id)) return id;
  if (!(recover_from_ < message.place) || !(message.place < recover_to_)) return nullptr;
  return &session.inbound.add({message.qos2_packet_id});
}

/// What a failover could still take away is not dispatched; but its QoS 2 messages are known if they come again.
void Hub::note_held_back() {
  if (engine_.sessions().empty()) return;
  std::vector<AppendQueues::Queue> held;
  queues_.for_each([&](const AppendQueues::Queue& queue) {
    if (queue.held) held.push_back(queue);
  });
  const auto note = [this](const Message& message) { note_held_back(message); };
  for (const AppendQueues::Queue& queue : held) {
    ReadRequest request;
    request.topic = queue.topic;
    request.queue_id = queue.queue_id;
    request.offset = queue.next;
    request.form = ReadForm::in_memory;
    while (true) {
      const ReadResult read = broker_.whole_log->read(request);
      if (read.status != ReadStatus::found) break;
      record::for_each_record(read, [&](const record::RecordView& view) {
        with_message_of(view.message(), view.physical_offset(), map_, note);
      });
      request.offset = read.next_queue_offset;
    }
  }
}

void Hub::note_held_back(const Message& message) {
  Session* const session = engine_.find_session(message.publisher);
  InboundId* const id = session != nullptr ? inbound_of(*session, message) : nullptr;
  if (id == nullptr || id->stored || id->in_log) return;
  id->in_log = id->held_back = true;
  engine_.touch(*session);
}

/// Everything that was stored before this start is dispatched before the first client comes in, since it may bring a
/// QoS 2 message again that the log has. What was under way and is not in the log may come as a new one.
void Hub::finish_recovery() {
  int failures_left = 1000;
  bool all = false;
  do {
    if (marks_missing_.exchange(false)) queues_.mark_all(*broker_.topics);
    recovering_ = false;
    all = dispatch_appended();
    note_changes();
    if (marks_missing_ && --failures_left == 0) {
      throw Failure(Error(Errc::io, "what was stored before this start cannot be dispatched"));
    }
  } while (marks_missing_ || (!all && recovering_));
  note_held_back();
  recover_to_ = PhysicalOffset{-1};
  for (const auto& session : engine_.sessions()) {
    for (InboundId& id : session->inbound) id.stored |= id.in_log && !id.held_back;
    if (session->inbound.forget_unstored()) engine_.touch(*session);
  }
}

}  // namespace tenon::protocol_mqtt
