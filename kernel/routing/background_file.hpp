// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "routing/config_file.hpp"

namespace tenon::kernel {

/// Writes a table to its ConfigFile on a `disk-N` thread. Requests that come while a write runs share the next one.
///
/// Threads: write() from any thread; write_now() blocks on the disk. `encode` runs on the writing thread and takes the
/// table's own lock; no lock of this class is held then, but for the one that keeps writes apart.
class BackgroundFile : public std::enable_shared_from_this<BackgroundFile> {
 public:
  using Encode = std::function<std::string()>;
  using Done = std::function<void(Status)>;

  BackgroundFile(ConfigFile file, boost::asio::any_io_executor disk, Encode encode, Logger log)
      : file_(std::move(file)), disk_(std::move(disk)), encode_(std::move(encode)), log_(std::move(log)) {}

  /// Calls `done`, if there is one, on the disk thread when what the table holds now is on disk.
  void write(Done done = {});
  /// Writes on the calling thread. After close() no other thread touches the table through this object.
  Status write_now();
  void close();

 private:
  void run();
  Status encode_and_write();

  const ConfigFile file_;
  const boost::asio::any_io_executor disk_;
  Encode encode_;
  const Logger log_;

  std::mutex writing_;   ///< Held over encode and disk; outermost.
  bool closed_ = false;  ///< Guarded by writing_.
  std::mutex requests_;  ///< Leaf.
  std::vector<Done> waiting_;
  bool scheduled_ = false;
};

}  // namespace tenon::kernel
