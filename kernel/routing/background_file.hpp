// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>
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
/// Threads: write() from any thread; write_here() and finish() block on the disk. `encode` runs on the writing thread
/// and takes the table's own lock; no lock of this class is held then, but for the one that keeps writes apart.
class BackgroundFile : public std::enable_shared_from_this<BackgroundFile> {
 public:
  using Encode = std::function<std::string()>;
  using Done = std::function<void(Status)>;

  /// Takes what a file holds into its table; an error means that the file is damaged.
  using Take = std::function<Status(std::string_view content)>;
  struct Opened {
    std::shared_ptr<BackgroundFile> file;
    bool existed = false;
  };
  /// Reads a table's file, if there is one, and is ready to write it from then on. Error: io, corrupt.
  static Result<Opened> open(std::filesystem::path path, boost::asio::any_io_executor disk, const Take& take,
                             Encode encode, Logger log);

  BackgroundFile(ConfigFile file, boost::asio::any_io_executor disk, Encode encode, Logger log)
      : file_(std::move(file)), disk_(std::move(disk)), encode_(std::move(encode)), log_(log) {}

  /// Calls `done`, if there is one, on the disk thread when what the table holds now is on disk.
  void write(Done done = {});
  /// Writes it on the calling thread; what the table holds is on disk then. Error: io.
  Status write_here() { return run(); }
  /// No other thread touches the table through this object after it.
  void close();
  /// The end: close() and the last write, on the calling thread. A failure is logged; there is nobody left to tell.
  void finish() noexcept;

 private:
  Status run();
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
