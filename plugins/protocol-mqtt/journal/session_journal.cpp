// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/journal/session_journal.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <system_error>
#include <utility>

#include "record/read_records.hpp"

namespace tenon::protocol_mqtt {
namespace {

/// A longer batch is cut into parts, since the store limits the size of a message.
constexpr std::size_t kPartBytes = 64 << 10;

std::string_view batch_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

SessionJournal::SessionJournal(MessageStore& store, std::filesystem::path checkpoint_file, const Logger& log)
    : store_(store), checkpoint_file_(std::move(checkpoint_file)), log_(log) {}

NotedState SessionJournal::read() {
  const QueueOffset oldest = store_.bounds(kSessionTopic, 0).min;
  const QueueOffset from = read_checkpoint_offset();
  NotedState state = read_from(from);
  // The checkpoint that the file names may have gone with the machine's power.
  if (oldest < from && !state.has_checkpoint) state = read_from(oldest);
  const auto is_kept = [](const auto& session) { return session.second.expiry_s > 0; };
  kept_sessions_ = static_cast<std::size_t>(std::ranges::count_if(state.sessions, is_kept));
  queues_noted_ = state.queues_known;
  // What is restored of them is noted anew, with numbers of its own.
  for (const auto& [shared_filter, waiting] : state.groups) put_group_ended(batch_, shared_filter);
  return state;
}

NotedState SessionJournal::read_from(QueueOffset next) {
  NotedState state;
  const QueueBounds bounds = store_.bounds(kSessionTopic, 0);
  next = std::clamp(next, bounds.min, bounds.max);
  while (next < bounds.max) {
    ReadRequest request;
    request.topic = kSessionTopic;
    request.offset = next;
    request.max_bytes = 4 << 20;
    request.form = ReadForm::in_memory;
    const ReadResult read = store_.read(request);
    if (read.status != ReadStatus::found) {
      if (!(next < read.next_queue_offset)) break;
      next = read.next_queue_offset;
      continue;
    }
    record::for_each_record(read, [&](const record::RecordView& record) {
      if (!state.apply(batch_text(record.body()))) log_.error("a batch of the session journal is damaged");
      if (!state.parts) end_ = record.physical_offset();
    });
    next = read.next_queue_offset;
  }
  return state;
}

void SessionJournal::note_session(Session& session, bool everything) {
  put_session(batch_, session);
  write_if_large();
  if (!session.kept()) return;  // nothing of it but its will outlives the process
  if (session.subscriptions_changed || everything) put_subscriptions(batch_, session);
  session.subscriptions_changed = false;
  Outbound* outbound = session.outbound_if_any();
  if (outbound == nullptr) return;
  std::uint64_t number = everything ? outbound->waiting_first : std::max(outbound->noted, outbound->waiting_first);
  for (; number < outbound->waiting_first + outbound->waiting.size(); ++number) {
    put_waiting(batch_, session, number, outbound->waiting[number - outbound->waiting_first]);
    write_if_large();
  }
  outbound->noted = number;
}

/// What was given back to the front is new there; what was taken from it is passed over by the record of the group.
void SessionJournal::note_group(ShareGroup& group, bool everything) {
  const bool nothing = group.waiting.empty() && group.lent.empty();
  if (group.members.empty() || (nothing && !group.noted)) {
    group.lent_changes.clear();
    if (std::exchange(group.noted, false)) put_group_ended(batch_, group.text());
    return;
  }
  group.noted = true;
  put_group(batch_, group);
  const std::uint64_t first = group.waiting_first;
  const std::uint64_t end = first + group.waiting.size();
  const auto note = [&](std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t number = from; number < to; ++number) {
      put_group_waiting(batch_, group, number, group.waiting[number - first]);
      write_if_large();
    }
  };
  if (everything) {
    note(first, end);
  } else {
    note(first, std::min(group.noted_from, end));
    note(std::max(group.noted_to, first), end);
  }
  group.noted_from = first;
  group.noted_to = end;
  const std::set<PhysicalOffset> changes = std::exchange(group.lent_changes, {});
  for (const PhysicalOffset place : everything ? group.lent : changes) {
    const bool lent = group.lent.contains(place);
    put_group_lent(batch_, lent ? SessionRecord::group_lent : SessionRecord::group_settled, group, place);
    write_if_large();
  }
}

void SessionJournal::note_retained(const OwnedMessage& message) {
  put_retained(batch_, message);
  write_if_large();
}

void SessionJournal::note(Engine& engine, AppendQueues& queues, bool queues_moved) noexcept {
  try {
    note_changes(engine, queues, queues_moved);
    write();
  } catch (const std::exception& problem) {
    lose_batch(problem.what());
  }
}

void SessionJournal::note_changes(Engine& engine, AppendQueues& queues, bool queues_moved) {
  for (const auto& session : engine.take_changed()) {
    const bool lives = engine.find_session(session->client_id) == session.get();
    const Noted before = std::exchange(session->noted, lives ? session->to_be_noted() : Noted::nothing);
    if (before == Noted::everything) --kept_sessions_;
    if (session->noted == Noted::everything) ++kept_sessions_;
    if (before > session->noted) put_ended(batch_, session->client_id);
    if (session->noted != Noted::nothing) note_session(*session, before != Noted::everything);
    write_if_large();
  }
  for (const auto& group : engine.take_changed_groups()) note_group(*group, false);
  engine.retained().take_changes([&](const std::string& topic, const OwnedMessagePtr& message) {
    message ? note_retained(*message) : put_not_retained(batch_, topic);
    write_if_large();
  });
  if (keeps_queues() && (queues_moved || !queues_noted_)) note_queues(queues, !queues_noted_);
  if (!keeps_queues() && queues_noted_) {
    put_queues_void(batch_);
    queues_noted_ = false;
  }
}

void SessionJournal::note_queues(AppendQueues& queues, bool everything) {
  queues.for_each([&](AppendQueues::Queue& queue) {
    if (!everything && queue.noted == queue.next) return;
    queue.noted = queue.next;
    put_queue(batch_, queue.topic, queue.queue_id, queue.next);
  });
  queues_noted_ = true;
}

bool SessionJournal::wants_checkpoint(std::int64_t now_ms) const {
  if (incomplete_) return std::abs(now_ms - checkpoint_ms_) >= kRetryMs;
  if (bytes_since_checkpoint_ > kCheckpointBytes) return true;
  if (end_.value < 0) return false;  // nothing was ever noted
  return now_ms - checkpoint_ms_ >= kCheckpointPeriodMs && checkpoint_end_ < store_.status().max_physical_offset;
}

void SessionJournal::checkpoint(Engine& engine, AppendQueues& queues, std::int64_t now_ms) noexcept {
  note(engine, queues, true);
  incomplete_ = false;
  checkpoint_ms_ = now_ms;
  bytes_since_checkpoint_ = 0;
  try {
    const QueueOffset begin = store_.bounds(kSessionTopic, 0).max;
    note_everything(engine, queues);
    write();
    save_checkpoint_offset(begin);
    checkpoint_end_ = store_.status().max_physical_offset;
  } catch (const std::exception& problem) {
    lose_batch(problem.what());
  }
}

void SessionJournal::note_everything(Engine& engine, AppendQueues& queues) {
  put_checkpoint(batch_);
  kept_sessions_ = 0;
  for (const auto& session : engine.sessions()) {
    session->noted = session->to_be_noted();
    if (session->noted == Noted::nothing) continue;
    if (session->noted == Noted::everything) ++kept_sessions_;
    note_session(*session, true);
    write_if_large();
  }
  for (const auto& [id, group] : engine.groups()) note_group(*group, true);
  engine.retained().for_each([&](const OwnedMessagePtr& message) {
    if (!message->topic.starts_with("$SYS")) note_retained(*message);
  });
  if (keeps_queues()) note_queues(queues, true);
  if (!keeps_queues()) put_queues_void(batch_);
}

void SessionJournal::write_if_large() {
  while (batch_.size() >= kPartBytes) {
    write_part(std::exchange(parted_, true) ? SessionRecord::part : SessionRecord::part_first, kPartBytes);
  }
}

void SessionJournal::write_part(SessionRecord kind, std::size_t size) {
  std::string part;
  put_part(part, kind, std::string_view(batch_).substr(0, size));
  batch_.erase(0, size);
  append(part);
}

/// The end of a batch.
void SessionJournal::write() {
  if (std::exchange(parted_, false)) {
    write_part(SessionRecord::part_last, batch_.size());
  } else if (!batch_.empty()) {
    append(batch_);
    batch_.clear();
  }
}

/// Throws Failure when the store refuses it. A batch that cannot be stored is lost with the process, but not before:
/// the engine goes on from memory. Nothing is written behind such a gap until everything can be: what a start reads is
/// how things stood before it, and what was stored since is dispatched again. Notes behind the gap would build on what
/// is missing, and say that messages were dispatched whose notes are lost.
void SessionJournal::append(std::string_view body) {
  if (incomplete_) return;
  tenon::Message message;
  message.topic = kSessionTopic;
  message.body = std::as_bytes(std::span(body));
  bytes_since_checkpoint_ += body.size();
  const AppendReceipt receipt = store_.append(message).value();
  written_to_ = receipt.physical_end;
  if (!parted_) end_ = receipt.physical_offset;
}

void SessionJournal::lose_batch(std::string_view why) noexcept {
  batch_ = {};
  parted_ = false;
  incomplete_ = true;
  if (failures_++ % 1000 != 0) return;
  try {
    log_.error("the session journal was not written: ", why);
  } catch (const std::exception&) {  // no memory for these words either
  }
}

void SessionJournal::save_checkpoint_offset(QueueOffset offset) const {
  std::error_code ignored;  // without the file a start reads more, nothing else
  std::filesystem::create_directories(checkpoint_file_.parent_path(), ignored);
  const std::filesystem::path fresh = checkpoint_file_.string() + ".new";
  std::ofstream(fresh) << offset.value << '\n';
  std::filesystem::rename(fresh, checkpoint_file_, ignored);
}

QueueOffset SessionJournal::read_checkpoint_offset() const {
  std::int64_t offset = 0;
  std::ifstream(checkpoint_file_) >> offset;
  return QueueOffset{std::max<std::int64_t>(offset, 0)};
}

namespace {

/// What is under way to a session, and what waits for it.
void restore_outbound(Outbound& outbound, const NotedSession& noted) {
  outbound.set_last_packet_id(noted.last_packet_id);
  outbound.waiting_first = noted.waiting_first;
  for (const NotedInflight& one : noted.inflight) {
    Inflight& inflight = outbound.put_inflight(one.noted.delivery, one.packet_id);
    inflight.received = one.received;
    inflight.sent_before = true;
    inflight.delivery.ids = outbound.index_of(one.noted.identifiers);
  }
  for (const auto& [number, one] : noted.waiting) {
    Delivery delivery = one.delivery;
    delivery.ids = outbound.index_of(one.identifiers);
    outbound.waiting.push_back(std::move(delivery));
  }
  outbound.noted = outbound.waiting_first + outbound.waiting.size();
}

void restore_session(Engine& engine, const std::string& client_id, const NotedSession& noted) {
  Session& session = engine.restore_session(client_id);
  session.user_name = noted.user_name;
  session.expiry_s = noted.expiry_s;
  session.disconnected_at_ms = noted.disconnected_at_ms;
  if (noted.will) session.will = std::make_unique<SessionWill>(*noted.will);
  for (const InboundId& id : noted.inbound) session.inbound.add(id);
  session.noted = session.to_be_noted();
  for (const auto& s : noted.subscriptions) engine.restore_subscription(session, s.filter, s.options, s.identifier);
  if (noted.inflight.empty() && noted.waiting.empty() && noted.last_packet_id == 0) return;
  restore_outbound(engine.outbound(session), noted);
}

}  // namespace

void restore(Engine& engine, const NotedState& state) {
  for (const auto& [client_id, noted] : state.sessions) {
    if (noted.expiry_s != 0 || noted.will) restore_session(engine, client_id, noted);
  }
  for (const auto& [shared_filter, places] : state.lent) {
    for (const PhysicalOffset place : places) {
      Delivery again;
      again.place = place;
      again.qos = 1;
      if (!engine.restore_waiting(shared_filter, std::move(again))) break;
    }
  }
  for (const auto& [shared_filter, waiting] : state.groups) {
    for (const auto& [number, delivery] : waiting) {
      if (!engine.restore_waiting(shared_filter, delivery)) break;
    }
  }
  for (const auto& [topic, message] : state.retained) engine.retained().put(message);
  engine.restored();
}

}  // namespace tenon::protocol_mqtt
