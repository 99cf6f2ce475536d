// SPDX-License-Identifier: Apache-2.0
#include "golden_store.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "fastjson/reader.hpp"
#include "golden_directory.hpp"

namespace tenon::golden {
namespace {

void unpack(const std::filesystem::path& archive, const std::filesystem::path& directory) {
  const std::string command = "tar --zstd -xf '" + archive.string() + "' -C '" + directory.string() + "'";
  if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
}

std::string read_text(const std::filesystem::path& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

}  // namespace

GoldenStore::GoldenStore(const std::string& archive, Engine engine, Adjust adjust)
    : engine_(engine), adjust_(std::move(adjust)) {
  unpack(directory() / "store" / (archive + ".tar.zst"), directory_.path());
  expected_ = fastjson::parse(read_text(directory() / "store" / (archive + ".expected.json"))).value();
  reopen();
}

void GoldenStore::recover() {
  store_.reset();
  std::ofstream(path() / "abort").put('1');
  std::filesystem::remove(path() / "checkpoint");
  reopen();
}

void GoldenStore::reopen() {
  store_.reset();
  // The sizes are those of the archives' .conf files.
  logstore::StoreOptions options;
  options.directory = path();
  options.commit_log_file_size = 1 << 20;
  options.consume_queue_file_entries = 100;
  options.batch_consume_queue_file_units = 20;
  options.index_slots = 100;
  options.index_entries = 400;
  options.retention.file_reserved_time = std::chrono::hours(876'000);
  options.retention.disk_warning_ratio = options.retention.disk_clean_forcibly_ratio = 1;
  logstore::testing::choose(engine_, options);
  options.file_run_min = 1;  // every record leaves in the engine's own way
  if (adjust_) adjust_(options);
  store_ = std::make_unique<logstore::LogStore>(std::move(options));
  if (Status opened = store_->open(); !opened) throw Failure(opened.error());
}

}  // namespace tenon::golden
