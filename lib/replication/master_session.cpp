// SPDX-License-Identifier: Apache-2.0
#include "replication/master_session.hpp"

#include <algorithm>
#include <utility>

#include "record/crc32.hpp"
#include "replication/classic_frames.hpp"
#include "replication/log_sample.hpp"

namespace tenon::replication {

Status MasterSession::receive(std::span<const std::byte> bytes, Time now) {
  inbox_.insert(inbox_.end(), bytes.begin(), bytes.end());
  std::size_t used = 0;
  for (;;) {
    const auto taken = take(std::span(inbox_).subspan(used));
    if (!taken) return taken.error();
    if (*taken == 0) break;
    used += *taken;
  }
  inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(used));
  // Who has not said yet where it wants to begin gains no time by a byte now and then.
  if (transferring()) last_heard_ = now;
  return {};
}

/// Returns how many bytes were understood; 0: more must come first.
Result<std::size_t> MasterSession::take(std::span<const std::byte> input) {
  if (protocol_ == ReplicationProtocol::extended) {
    const auto frame = next_frame(input);
    if (!frame) return frame.error();
    if (!*frame) return std::size_t{0};
    if (const Status done = on_frame((*frame)->frame); !done) return done.error();
    return (*frame)->size;
  }
  if (input.size() < kReportBytes) return std::size_t{0};
  const PhysicalOffset report = decode_report(input.first<kReportBytes>());
  const Status done = stage_ == Stage::opening ? on_first_report(report) : on_acknowledgement(report);
  if (!done) return done.error();
  return kReportBytes;
}

Status MasterSession::on_first_report(PhysicalOffset report) {
  if (report == kExtendedProbe) {
    protocol_ = ReplicationProtocol::extended;
    stage_ = Stage::welcome;
    return {};
  }
  if (report.value == 0) {
    // As RocketMQ's masters do: a new slave gets what the last file holds, and nothing older.
    const std::int64_t end = log_.log_max().value;
    sent_ = std::max(PhysicalOffset{end - end % log_.log_file_size()}, log_.log_min());
  } else {
    if (report > log_.log_max()) claimed_ahead_ = report;
    if (Status there = check_reach(report); !there) return there;
    sent_ = acknowledged_ = began_at_ = report;
  }
  stage_ = Stage::transfer;
  return {};
}

/// What a slave that is ahead acknowledges was never ours, so nothing it says may count.
Status MasterSession::check_reach(PhysicalOffset begin) const {
  const PhysicalOffset end = log_.log_max();
  if (begin > end)
    return Error(Errc::invalid_parameter, text("the slave claims to have the log up to ", begin, ", but it ends at ",
                                               end, " here: it has followed somebody else"));
  if (begin < log_.log_min())
    return Error(Errc::query_not_found,
                 text("the slave wants the log from ", begin, " on, but it begins at ", log_.log_min(), " here"));
  return {};
}

Status MasterSession::on_frame(const Frame& frame) {
  if (const auto* refusal = std::get_if<Refusal>(&frame))
    return Error(Errc::disconnected, text("the slave refuses: ", refusal->reason));
  if (const auto* hello = std::get_if<Hello>(&frame); hello != nullptr && stage_ == Stage::hello)
    return on_hello(*hello);
  if (const auto* acknowledgement = std::get_if<Acknowledgement>(&frame);
      acknowledgement != nullptr && stage_ == Stage::transfer)
    return on_acknowledgement(acknowledgement->end);
  return Error(Errc::invalid_parameter, text("a frame of kind ", frame.index() + 1, " is out of place"));
}

Status MasterSession::on_hello(const Hello& hello) {
  const Identity& own = settings_.identity;
  if (hello.version != kExtendedVersion)
    return Error(Errc::not_supported, text("version ", hello.version, " of the replication protocol"));
  if (hello.identity.cluster != own.cluster || hello.identity.broker_name != own.broker_name)
    return Error(Errc::invalid_parameter,
                 text("the slave belongs to ", hello.identity.cluster, '/', hello.identity.broker_name, ", this is ",
                      own.cluster, '/', own.broker_name));
  if (hello.last_epoch > epochs_.last().number)
    return Error(Errc::invalid_parameter, text("the slave has followed a master of epoch ", hello.last_epoch,
                                               ", this is one of epoch ", epochs_.last().number));
  if (Status there = check_reach(hello.begin); !there) return there;
  if (Status same = check_sample(hello); !same) return same;
  broker_id_ = hello.identity.broker_id;
  sent_ = began_at_ = hello.begin;
  if (settings_.acknowledge == Acknowledge::written) acknowledged_ = hello.begin;
  stage_ = Stage::transfer;
  owes_answer_ = true;
  return {};
}

Status MasterSession::check_sample(const Hello& hello) const {
  const LogSample& sample = hello.sample;
  if (sample.size < 0 || sample.begin > hello.begin - sample.size)
    return Error(Errc::invalid_parameter, "the slave's sample is none of what lies before where it begins");
  if (sample.size > 0) return compare_sample(log_, sample);
  if (hello.begin == log_.log_min()) return {};  // it has nothing yet
  return Error(Errc::invalid_parameter, "the slave shows nothing of its log");
}

Status MasterSession::on_acknowledgement(PhysicalOffset end) {
  if (end < PhysicalOffset{}) return Error(Errc::invalid_parameter, text("the slave acknowledges ", end));
  if (end > sent_)
    return Error(Errc::invalid_parameter,
                 text("the slave acknowledges ", end, ", but only the log up to ", sent_, " was sent to it"));
  acknowledged_ = end;
  return {};
}

std::string MasterSession::welcome() const {
  return encode_frame(Welcome{.identity = settings_.identity,
                              .log_file_size = log_.log_file_size(),
                              .log_min = log_.log_min(),
                              .log_max = log_.log_max(),
                              .acknowledge = settings_.acknowledge,
                              .epochs = epochs_.entries()});
}

Result<std::optional<Outgoing>> MasterSession::next(PhysicalOffset confirmed, Time now) {
  if (stage_ == Stage::welcome) {
    stage_ = Stage::hello;
    return std::optional<Outgoing>({welcome(), {}});
  }
  if (stage_ != Stage::transfer) return std::optional<Outgoing>();
  const bool classic = protocol_ == ReplicationProtocol::classic;
  auto stretch = log_.read_log(sent_, bytes_wanted(), classic ? ReadForm::any : ReadForm::in_memory);
  if (!stretch) return stretch.error();
  const bool is_due = std::exchange(owes_answer_, false) || now - last_sent_ >= settings_.heartbeat_interval;
  if (stretch->length == 0 && !is_due) return std::optional<Outgoing>();
  Outgoing outgoing{head_of(*stretch, confirmed), {}};
  sent_ += stretch->length;
  last_sent_ = now;
  if (stretch->length > 0) outgoing.stretch = std::move(*stretch);
  return std::optional<Outgoing>(std::move(outgoing));
}

/// A chunk of the extended protocol belongs to one epoch.
std::int64_t MasterSession::bytes_wanted() const {
  if (protocol_ == ReplicationProtocol::classic) return settings_.batch_bytes;
  const auto epoch_end = epochs_.end_of_epoch_at(sent_);
  return epoch_end ? std::min(settings_.batch_bytes, *epoch_end - sent_) : settings_.batch_bytes;
}

std::string MasterSession::head_of(const LogStretch& stretch, PhysicalOffset confirmed) const {
  const auto size = static_cast<std::int32_t>(stretch.length);
  if (protocol_ == ReplicationProtocol::classic) {
    const auto bytes = encode_classic_header({stretch.begin, size});
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  return encode_frame(Chunk{.begin = stretch.begin,
                            .size = size,
                            .crc = record::masked_crc32(std::get<MemorySlice>(stretch.bytes).bytes),
                            .epoch = epochs_.at(stretch.begin),
                            .log_max = log_.log_max(),
                            .confirmed = confirmed});
}

Status MasterSession::check_silence(Time now) const {
  if (now - last_heard_ <= settings_.silence_max) return {};
  return Error(Errc::timed_out, text("nothing was heard of the slave for ", settings_.silence_max.count(), " ms"));
}

std::string MasterSession::farewell(const Error& error) const {
  if (protocol_ == ReplicationProtocol::classic) return {};
  return encode_frame(Refusal{error.message()});
}

}  // namespace tenon::replication
