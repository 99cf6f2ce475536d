// SPDX-License-Identifier: Apache-2.0
#include "replication/slave_session.hpp"

#include <algorithm>
#include <cstring>

#include "record/crc32.hpp"
#include "replication/classic_frames.hpp"
#include "replication/log_sample.hpp"

namespace tenon::replication {
namespace {

/// The longest frame with the longest chunk behind it.
constexpr std::size_t kBufferBytes = kFrameHeaderBytes + kFrameRestMax + kChunkBytesMax;
/// No log comes so far, and what is added to an offset below it overflows nothing.
constexpr PhysicalOffset kOffsetMax{1LL << 62};

Error out_of_step(const std::string& what) { return Error(Errc::invalid_parameter, what); }

}  // namespace

SlaveSession::SlaveSession(LogTap& log, EpochKeeper& epochs, const SlaveSettings& settings, Time now)
    : log_(log),
      epochs_(epochs),
      settings_(settings),
      began_(now),
      last_heard_(now),
      last_report_(now),
      buffer_(kBufferBytes) {
  if (!settings.speaks_extended) {
    go_classic();
    return;
  }
  const auto probe = encode_report(kExtendedProbe);
  output_.append(reinterpret_cast<const char*>(probe.data()), probe.size());
}

void SlaveSession::go_classic() {
  stage_ = Stage::transfer;
  protocol_ = ReplicationProtocol::classic;
  held_ = settings_.holds_classic;
  if (!held_) report(last_heard_);
}

void SlaveSession::go_on(Time now) {
  if (!held_) return;
  // Nobody was asked about the half of a record that an earlier connection left: this master's may be another.
  if (log_.log_received() > log_.log_max() && !log_.truncate_log(log_.log_max())) return;
  held_ = false;
  last_heard_ = now;
  report(now);
}

Status SlaveSession::received(std::size_t count, Time now) {
  if (held_) return out_of_step("the master sends before it was told from where on");
  last_heard_ = now;
  filled_ += count;
  if (const Status current = check_epoch(); !current && transferring()) return refuse(current.error());
  std::size_t used = 0;
  for (;;) {
    const auto taken = take(std::span(buffer_).first(filled_).subspan(used));
    if (!taken) return refuse(taken.error());
    if (*taken == 0) break;
    used += *taken;
  }
  filled_ -= used;
  if (used > 0 && filled_ > 0) std::memmove(buffer_.data(), buffer_.data() + used, filled_);
  if (std::exchange(owes_report_, false)) report(now);
  return {};
}

/// Returns how many bytes were understood; 0: more must come first.
Result<std::size_t> SlaveSession::take(std::span<const std::byte> input) {
  if (stage_ == Stage::probing && input.size() >= sizeof(std::int64_t)) {
    // A master of RocketMQ says nothing before the first report, so this is one of ours; if not, the frame tells.
    protocol_ = ReplicationProtocol::extended;
  }
  return protocol_ == ReplicationProtocol::extended ? take_extended(input) : take_classic(input);
}

bool SlaveSession::has_nothing() const {
  const PhysicalOffset min = log_.log_min();
  return min == log_.log_max() && min == log_.log_received();
}

/// A log that has nothing may begin anywhere; append_log() refuses what is not the begin of a file.
Status SlaveSession::check_place(PhysicalOffset begin) const {
  const PhysicalOffset received = log_.log_received();
  if (begin == received) return {};
  if (has_nothing() && begin >= PhysicalOffset{} && begin < kOffsetMax) return {};
  return out_of_step(text("the master goes on at ", begin, ", but the log ends at ", received));
}

Result<std::size_t> SlaveSession::take_classic(std::span<const std::byte> input) {
  if (body_left_ == 0) {
    if (input.size() < kClassicHeaderBytes) return std::size_t{0};
    if (const Status fits = on_classic_header(input); !fits) return fits.error();
    return kClassicHeaderBytes;
  }
  const auto size = std::min<std::size_t>(input.size(), static_cast<std::size_t>(body_left_));
  if (size == 0) return std::size_t{0};
  if (const Status appended = log_.append_log(body_at_, input.first(size)); !appended) return appended.error();
  body_at_ += static_cast<std::int64_t>(size);
  body_left_ -= static_cast<std::int64_t>(size);
  return size;
}

Status SlaveSession::on_classic_header(std::span<const std::byte> input) {
  const ClassicHeader header = decode_classic_header(input.first<kClassicHeaderBytes>());
  const std::int64_t file_size = log_.log_file_size();
  if (Status here = check_place(header.begin); !here) return here;
  if (header.size < 0 || header.begin.value % file_size + header.size > file_size)
    return out_of_step(text("the master sends ", header.size, " bytes for physical offset ", header.begin,
                            ", which no file of ", file_size, " bytes holds"));
  body_at_ = header.begin;
  body_left_ = header.size;
  master_log_max_ = std::max(master_log_max_, header.begin + header.size);
  owes_report_ = let_in_ = true;
  return {};
}

Result<std::size_t> SlaveSession::take_extended(std::span<const std::byte> input) {
  const auto next = next_frame(input);
  if (!next) return next.error();
  if (!*next) return std::size_t{0};
  const Frame& frame = (*next)->frame;
  const std::size_t frame_bytes = (*next)->size;
  if (const auto* refusal = std::get_if<Refusal>(&frame))
    return Error(Errc::disconnected, text("the master refuses: ", refusal->reason));
  if (const auto* welcome = std::get_if<Welcome>(&frame); welcome != nullptr && stage_ == Stage::probing) {
    if (const Status greeted = on_welcome(*welcome); !greeted) return greeted.error();
    return frame_bytes;
  }
  if (const auto* chunk = std::get_if<Chunk>(&frame); chunk != nullptr && stage_ == Stage::transfer)
    return take_chunk(*chunk, frame_bytes, input);
  return out_of_step(text("a frame of kind ", frame.index() + 1, " is out of place"));
}

Result<std::size_t> SlaveSession::take_chunk(const Chunk& chunk, std::size_t frame_bytes,
                                             std::span<const std::byte> input) {
  if (chunk.size < 0 || static_cast<std::size_t>(chunk.size) > kChunkBytesMax)
    return out_of_step(text("a chunk of ", chunk.size, " bytes"));
  const auto size = static_cast<std::size_t>(chunk.size);
  if (input.size() < frame_bytes + size) return std::size_t{0};
  const auto bytes = input.subspan(frame_bytes, size);
  if (const Status here = check_place(chunk.begin); !here) return here.error();
  if (size > 0) {
    if (record::masked_crc32(bytes) != chunk.crc)
      return Error(Errc::corrupt, text("the checksum of the chunk at physical offset ", chunk.begin, " differs"));
    if (const Status followed = follow_epoch(chunk); !followed) return followed.error();
    if (const Status appended = log_.append_log(chunk.begin, bytes); !appended) return appended.error();
  }
  if (const Status kept = keep_reached_epochs(); !kept) return kept.error();
  master_log_max_ = std::max(master_log_max_, chunk.log_max);
  master_confirmed_ = std::max(master_confirmed_, chunk.confirmed);
  log_.set_confirm_offset(std::min(chunk.confirmed, log_.log_max()));
  owes_report_ = let_in_ = true;
  return frame_bytes + size;
}

/// The history is on disk before the first byte of an epoch is in the log: a crash in between leaves an epoch that has
/// nothing yet, the other way round bytes of an epoch that nobody would know.
Status SlaveSession::follow_epoch(const Chunk& chunk) {
  const Epoch own = epochs_.history().last();
  if (chunk.epoch == own) return {};
  if (chunk.epoch.number < own.number || chunk.epoch.start > chunk.begin)
    return out_of_step(text("bytes of epoch ", chunk.epoch.number, " at physical offset ", chunk.begin,
                            ", after such of epoch ", own.number));
  EpochHistory history = epochs_.history();
  if (Status begun = history.begin(chunk.epoch); !begun) return begun;
  return epochs_.replace(std::move(history));
}

Status SlaveSession::on_welcome(const Welcome& welcome) {
  if (Status ours = check_master(welcome); !ours) return ours;
  auto theirs = EpochHistory::from_entries(welcome.epochs);
  if (!theirs) return theirs.error();
  theirs_ = std::move(*theirs);
  master_epoch_ = theirs_.last().number;
  if (Status current = check_epoch(); !current) return current;
  acknowledge_ = welcome.acknowledge;
  master_log_max_ = welcome.log_max;
  const auto begin = find_begin(welcome);
  if (!begin) return begin.error();
  const auto sample = take_sample(log_, welcome.log_min, *begin);
  if (!sample) return sample.error();
  output_ += encode_frame(Hello{.identity = settings_.identity,
                                .begin = *begin,
                                .last_epoch = epochs_.history().last().number,
                                .sample = *sample});
  stage_ = Stage::transfer;
  return {};
}

Status SlaveSession::check_epoch() const {
  if (master_epoch_ >= settings_.epoch_min) return {};
  if (settings_.epoch_min == INT64_MAX) return Error(Errc::invalid_parameter, "no master is to be followed yet");
  return Error(Errc::invalid_parameter, text("the master is one of epoch ", master_epoch_, ", and none before epoch ",
                                             settings_.epoch_min, " is to be followed"));
}

Status SlaveSession::check_master(const Welcome& welcome) const {
  const Identity& own = settings_.identity;
  if (welcome.version != kExtendedVersion)
    return Error(Errc::not_supported, text("version ", welcome.version, " of the replication protocol"));
  if (welcome.identity.cluster != own.cluster || welcome.identity.broker_name != own.broker_name)
    return Error(Errc::invalid_parameter,
                 text("the master belongs to ", welcome.identity.cluster, '/', welcome.identity.broker_name,
                      ", this is ", own.cluster, '/', own.broker_name));
  if (welcome.log_file_size != log_.log_file_size())
    return Error(Errc::invalid_parameter, text("the master's commit-log files have ", welcome.log_file_size,
                                               " bytes, the own ", log_.log_file_size()));
  if (welcome.acknowledge != Acknowledge::written && !settings_.knows_flushed)
    return Error(Errc::not_supported,
                 "the master wants to be told what is on disk, but the own store does not flush synchronously");
  const std::int64_t newest = welcome.epochs.empty() ? 0 : welcome.epochs.back().number;
  // Of the last whole record: an own epoch that never got one is given up.
  const std::int64_t own_newest = epochs_.history().at(log_.log_max() - 1).number;
  if (newest < own_newest)
    return Error(Errc::invalid_parameter,
                 text("the master is one of epoch ", newest, ", the own log has epoch ", own_newest, " already"));
  return {};
}

/// Where the log goes on, after what the master does not have was cut off.
Result<PhysicalOffset> SlaveSession::find_begin(const Welcome& welcome) {
  if (log_.log_min() == log_.log_max()) {
    // Nothing here yet, but for a piece of a first record: everything that the master still has.
    if (!has_nothing()) {
      if (const auto emptied = log_.truncate_log(log_.log_min()); !emptied) return emptied.error();
    }
    if (const Status forgotten = epochs_.replace({}); !forgotten) return forgotten.error();
    return welcome.log_min;
  }
  const PhysicalOffset received = log_.log_received();
  const PhysicalOffset agreed = epochs_.history().agreement_with(theirs_, received, welcome.log_max);
  if (agreed < welcome.log_min)
    return Error(Errc::query_not_found,
                 text("too far behind: the logs agree up to ", agreed, ", and the master's begins at ", welcome.log_min,
                      "; empty the store to begin anew"));
  if (agreed < received) {
    if (agreed <= log_.log_min())
      return Error(Errc::invalid_parameter,
                   text("the logs agree nowhere: the own is from ", log_.log_min(), " to ", received,
                        ", and giving it up as a whole is for a person to decide; empty the store to begin anew"));
    if (const Status cut = cut_back(agreed); !cut) return cut.error();
  }
  // Also without a cut: an epoch of the own that never got a byte is none of the master's.
  EpochHistory common = epochs_.history();
  common.truncate(log_.log_received());
  add_reached_epochs(common);
  if (const Status kept = epochs_.replace(std::move(common)); !kept) return kept.error();
  return log_.log_received();
}

/// An epoch of the master counts as the own one as soon as the log reaches its begin, not with its first byte: what it
/// was begun on is here then, and whoever is elected later must know that this broker has it.
void SlaveSession::add_reached_epochs(EpochHistory& history) const {
  const PhysicalOffset end = log_.log_received();
  for (const Epoch& epoch : theirs_.entries()) {
    if (epoch.number > history.last().number && epoch.start >= history.last().start && epoch.start <= end)
      history.begin(epoch).value();
  }
}

Status SlaveSession::keep_reached_epochs() {
  if (theirs_.last().number <= epochs_.history().last().number || !has_reached_epoch()) return {};
  EpochHistory history = epochs_.history();
  add_reached_epochs(history);
  return epochs_.replace(std::move(history));
}

bool SlaveSession::has_reached_epoch() const { return theirs_.last().start <= log_.log_received(); }

Status SlaveSession::cut_back(PhysicalOffset end) {
  const PhysicalOffset before = log_.log_max();
  const auto saved = log_.truncate_log(std::min(end, before));
  if (!saved) return saved.error();
  // Half a record that was only received is nothing that anybody had.
  if (const PhysicalOffset now = log_.log_max(); now < before)
    divergence_ = Divergence{.begin = now, .length = before - now, .saved_as = *saved};
  return {};
}

void SlaveSession::flushed(PhysicalOffset end) {
  flushed_ = end;
  output_ += encode_frame(Acknowledgement{end});
}

void SlaveSession::report(Time now) {
  last_report_ = now;
  if (protocol_ == ReplicationProtocol::extended) {
    output_ += encode_frame(Acknowledgement{acknowledges_flushed() ? flushed_ : log_.log_received()});
    return;
  }
  const auto bytes = encode_report(log_.log_received());
  output_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Status SlaveSession::tick(Time now) {
  // Also of one that is held: who is there closes such a connection itself after as long, a vanished machine does not.
  if (now - last_heard_ > settings_.silence_max)
    return Error(Errc::timed_out, text("nothing was heard of the master for ", settings_.silence_max.count(), " ms"));
  if (held_) return {};
  if (stage_ == Stage::probing) {
    if (filled_ == 0 && now - began_ >= settings_.probe_timeout) go_classic();
    return {};
  }
  if (now - last_report_ > settings_.report_interval) report(now);
  return {};
}

Status SlaveSession::refuse(const Error& error) {
  if (protocol_ == ReplicationProtocol::extended) output_ += encode_frame(Refusal{error.message()});
  return error;
}

}  // namespace tenon::replication
