// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "remoting/output_buffer.hpp"
#include "tenon/message_store.hpp"

namespace tenon::protocol_native {

/// Its bytes, wherever they lie.
std::int64_t length_of(const Slice& slice);

/// What one connection still has to send: the answers of a turn in one run of bytes, with stored records woven in.
///
/// Short runs of records are copied behind their header (one send for everything); long ones stay where they lie and
/// are sent from there: memory by a gathered write, files by sendfile. Measured crossover:
/// ../shared/design/targets.md 6.4. Ownership: keeps the pins of what it has not sent yet. Threads: the connection's
/// own.
class Output {
 public:
  enum class Sent { all, would_block, failed };

  /// Where answers are written. Append whole frames only.
  remoting::OutputBuffer& bytes() noexcept { return bytes_; }
  /// Appends the records of a read, in order.
  void append_records(ReadResult&& read);

  bool empty() const noexcept { return unsent() == 0; }
  /// Bytes that the socket has not taken yet, wherever they lie.
  std::int64_t unsent() const noexcept { return static_cast<std::int64_t>(bytes_.size()) - sent_bytes_ + lent_; }

  /// Gives the socket as much as it takes without waiting; one system call in the usual case.
  Sent send_to(int socket);
  /// Empty again; memory beyond `keep_bytes` is given back.
  void reset(std::size_t keep_bytes) noexcept;

 private:
  /// Bytes that are sent from where they lie, at this position of `bytes_`.
  struct Lent {
    std::size_t position;
    Slice slice;
    std::shared_ptr<const void> pin;
  };

  void append_slice(const Slice& slice, const std::shared_ptr<const void>& pin);
  bool copy_from_file(const FileSlice& slice);
  Sent send_plain(int socket);
  Sent send_woven(int socket);
  std::int64_t send_gathered(int socket);
  std::int64_t send_file(int socket, FileSlice& file);
  void advance(std::int64_t count);
  void drop_sent_prefix();

  remoting::OutputBuffer bytes_;
  std::int64_t sent_bytes_ = 0;  ///< Of bytes_.
  std::int64_t lent_ = 0;        ///< Not yet sent bytes of lent slices.
  std::vector<Lent> slices_;
  std::size_t next_slice_ = 0;
};

}  // namespace tenon::protocol_native
