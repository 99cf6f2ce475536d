// SPDX-License-Identifier: Apache-2.0
#include "logstore/testing/power_loss_file_system.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

#include "logstore/posix_file.hpp"

namespace tenon::logstore::testing {
namespace {

constexpr std::size_t kSector = 512;

std::vector<char> content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<char> content_of(const File& file) {
  std::vector<char> bytes(static_cast<std::size_t>(file.size().value()));
  (void)file.read_at(0, std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

class PowerLossFile final : public File {
 public:
  PowerLossFile(PowerLossFileSystem& files, int inode, std::filesystem::path path, std::shared_ptr<File> real)
      : files_(files), inode_(inode), path_(std::move(path)), real_(std::move(real)) {}

  Status write_at(std::int64_t offset, std::span<const std::byte> bytes) override {
    files_.count_call();
    Status written = real_->write_at(offset, bytes);
    grown_to(offset + static_cast<std::int64_t>(bytes.size()));
    return written;
  }
  Result<std::size_t> read_at(std::int64_t offset, std::span<std::byte> out) const override {
    return real_->read_at(offset, out);
  }
  bool may_have_data_from(std::int64_t offset) const override { return real_->may_have_data_from(offset); }
  Result<std::int64_t> size() const override { return real_->size(); }
  Status set_size(std::int64_t size) override {
    files_.count_call();
    Status sized = real_->set_size(size);
    if (sized) files_.changed_size(inode_, size);
    return sized;
  }
  Status allocate(std::int64_t offset, std::int64_t length) override {
    files_.count_call();
    Status allocated = real_->allocate(offset, length);
    if (allocated) grown_to(offset + length);
    return allocated;
  }
  Status zero(std::int64_t offset, std::int64_t length) override {
    files_.count_call();
    return real_->zero(offset, length);
  }
  Status punch(std::int64_t offset) override {
    files_.count_call();
    return real_->punch(offset);
  }
  void start_writeback(std::int64_t, std::int64_t) override {}
  Status sync() override {
    files_.count_call();
    return files_.sync_file(inode_, path_, *real_);
  }
  Result<std::unique_ptr<Mapping>> map(std::size_t size) override { return real_->map(size); }
  int descriptor() const noexcept override { return real_->descriptor(); }

 private:
  void grown_to(std::int64_t end) {
    const auto now = real_->size();
    if (now && *now == end) files_.changed_size(inode_, end);
  }

  PowerLossFileSystem& files_;
  int inode_;
  std::filesystem::path path_;
  std::shared_ptr<File> real_;
};

class PowerLossSync final : public FileSystemSync {
 public:
  PowerLossSync(PowerLossFileSystem& files, std::filesystem::path path) : files_(files), path_(std::move(path)) {}
  Status sync() override {
    files_.count_call();
    return files_.sync_all(path_);
  }

 private:
  PowerLossFileSystem& files_;
  std::filesystem::path path_;
};

bool lies_in(const std::filesystem::path& path, const std::filesystem::path& directory) {
  return path == directory || path.string().starts_with(directory.string() + "/");
}

/// Of a file, or of all that lie in a directory.
template <class File>
void rename_all(std::map<std::filesystem::path, File>& files, const std::filesystem::path& from,
                const std::filesystem::path& to) {
  std::map<std::filesystem::path, File> renamed;
  for (auto at = files.begin(); at != files.end();) {
    if (!lies_in(at->first, from)) {
      ++at;
      continue;
    }
    renamed[at->first == from ? to : to / at->first.lexically_relative(from)] = at->second;
    at = files.erase(at);
  }
  for (const auto& [path, file] : renamed) files[path] = file;
}

/// Each sector from the one or the other.
std::vector<char> mixed(const std::vector<char>& synced, const std::vector<char>& now, std::size_t size,
                        std::mt19937_64& dice) {
  std::vector<char> bytes(size, '\0');
  // Now and then everything since the last sync is lost, or nothing.
  const std::uint64_t mood = dice() % 4;
  for (std::size_t at = 0; at < size; at += kSector) {
    const bool is_new = mood == 0 || (mood != 1 && dice() % 2 == 0);
    const std::vector<char>& from = is_new ? now : synced;
    if (at < from.size())
      std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(at), std::min({kSector, from.size() - at, size - at}),
                  bytes.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return bytes;
}

}  // namespace

PowerLossFileSystem::PowerLossFileSystem(std::filesystem::path root) : root_(std::move(root)) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
    if (!entry.is_regular_file()) continue;
    const int inode = inodes_++;
    names_[entry.path()] = inode;
    changes_.push_back({Change::Kind::create, entry.path(), inode});
    changes_.push_back({Change::Kind::resize, {}, inode, static_cast<std::int64_t>(entry.file_size())});
    synced_[inode] = content_of(entry.path());
  }
  forced_ = changes_.size();
}

void PowerLossFileSystem::count_call() {
  if (calls_left_ != INT64_MAX && calls_left_.fetch_sub(1) == 0) cut_power();
}

Result<std::unique_ptr<File>> PowerLossFileSystem::open(const std::filesystem::path& path, OpenMode mode) {
  if (mode == OpenMode::create && !real_.exists(path)) count_call();
  const std::lock_guard lock(mutex_);
  auto file = real_.open(path, mode);
  if (!file) return file.error();
  auto known = names_.find(path);
  if (known == names_.end()) {
    add_name(path, inodes_++);
    known = names_.find(path);
  }
  return std::make_unique<PowerLossFile>(*this, known->second, path, std::move(*file));
}

Result<std::unique_ptr<File>> PowerLossFileSystem::create(const std::filesystem::path& path, const Fill& fill) {
  count_call();
  const int inode = [this] {
    const std::lock_guard lock(mutex_);
    return inodes_++;
  }();
  auto file = real_.create(path, [&](File& made) {
    PowerLossFile lost(*this, inode, path, std::shared_ptr<File>(std::shared_ptr<File>(), &made));
    return fill(lost);
  });
  if (!file) return file.error();
  const std::lock_guard lock(mutex_);
  add_name(path, inode);
  return std::make_unique<PowerLossFile>(*this, inode, path, std::move(*file));
}

Status PowerLossFileSystem::link(const std::filesystem::path& from, const std::filesystem::path& to) {
  count_call();
  const std::lock_guard lock(mutex_);
  Status linked = real_.link(from, to);
  if (linked) add_name(to, names_.at(from));
  return linked;
}

Status PowerLossFileSystem::rename(const std::filesystem::path& from, const std::filesystem::path& to) {
  count_call();
  const std::lock_guard lock(mutex_);
  Status renamed = real_.rename(from, to);
  if (!renamed) return renamed;
  rename_all(names_, from, to);
  if (power_) changes_.push_back({Change::Kind::rename, from, -1, 0, to});
  return {};
}

void PowerLossFileSystem::add_name(const std::filesystem::path& path, int inode) {
  names_[path] = inode;
  if (power_) changes_.push_back({Change::Kind::create, path, inode});
}

Status PowerLossFileSystem::forget(const std::filesystem::path& path) {
  const auto known = names_.find(path);
  if (known == names_.end()) return {};
  removed_[known->second] = content_of(path);
  changes_.push_back({Change::Kind::remove, path, known->second});
  names_.erase(known);
  return {};
}

Status PowerLossFileSystem::remove(const std::filesystem::path& path) {
  count_call();
  const std::lock_guard lock(mutex_);
  if (power_) (void)forget(path);
  return real_.remove(path);
}

Status PowerLossFileSystem::remove_tree(const std::filesystem::path& path) {
  count_call();
  const std::lock_guard lock(mutex_);
  std::vector<std::filesystem::path> below;
  for (const auto& [name, inode] : names_) {
    if (name.string().starts_with(path.string() + "/")) below.push_back(name);
  }
  for (const auto& name : below) {
    if (power_) (void)forget(name);
  }
  return real_.remove_tree(path);
}

void PowerLossFileSystem::changed_size(int inode, std::int64_t size) {
  const std::lock_guard lock(mutex_);
  if (power_) changes_.push_back({Change::Kind::resize, {}, inode, size});
}

Status PowerLossFileSystem::refuse_without_power(std::string_view call, const std::filesystem::path& path) const {
  if (power_) return {};
  return system_error(call, path, EIO);
}

Status PowerLossFileSystem::sync_file(int inode, const std::filesystem::path& path, const File& file) {
  const std::lock_guard lock(mutex_);
  if (Status refused = refuse_without_power("fdatasync", path); !refused) return refused;
  synced_[inode] = content_of(file);
  forced_ = changes_.size();
  return {};
}

Status PowerLossFileSystem::sync_directory(const std::filesystem::path& path) {
  count_call();
  const std::lock_guard lock(mutex_);
  if (Status refused = refuse_without_power("fsync", path); !refused) return refused;
  forced_ = changes_.size();
  return {};
}

Result<std::unique_ptr<FileSystemSync>> PowerLossFileSystem::open_sync(const std::filesystem::path& path) {
  return std::make_unique<PowerLossSync>(*this, path);
}

Status PowerLossFileSystem::sync_all(const std::filesystem::path& path) {
  const std::lock_guard lock(mutex_);
  if (Status refused = refuse_without_power("syncfs", path); !refused) return refused;
  for (const auto& [name, inode] : names_) synced_[inode] = content_of(name);
  forced_ = changes_.size();
  return {};
}

void PowerLossFileSystem::cut_power() {
  const std::lock_guard lock(mutex_);
  power_ = false;
  for (const auto& [name, inode] : names_) at_power_loss_[inode] = content_of(name);
  at_power_loss_.insert(removed_.begin(), removed_.end());
}

std::map<std::filesystem::path, PowerLossFileSystem::Surviving> PowerLossFileSystem::files_after(
    std::size_t changes) const {
  std::map<std::filesystem::path, Surviving> files;
  std::map<int, std::int64_t> sizes;  // a file has one before it has a name
  for (std::size_t index = 0; index < changes; ++index) {
    const Change& change = changes_[index];
    if (change.kind == Change::Kind::create) files[change.path] = {change.inode, 0};
    if (change.kind == Change::Kind::remove) files.erase(change.path);
    if (change.kind == Change::Kind::rename) rename_all(files, change.path, change.renamed);
    if (change.kind == Change::Kind::resize) sizes[change.inode] = change.size;
  }
  for (auto& [path, file] : files) file.size = sizes[file.inode];
  return files;
}

void PowerLossFileSystem::leave_what_survives(const std::filesystem::path& target, std::mt19937_64& dice) const {
  const std::lock_guard lock(mutex_);
  const std::size_t pending = changes_.size() - forced_;
  const std::size_t surviving = forced_ + (pending > 0 ? dice() % (pending + 1) : 0);
  static const Bytes kNothing;
  const auto bytes_in = [](const std::map<int, Bytes>& of, int inode) -> const Bytes& {
    const auto found = of.find(inode);
    return found == of.end() ? kNothing : found->second;
  };
  for (const auto& [path, file] : files_after(surviving)) {
    const auto to = target / std::filesystem::relative(path, root_);
    std::filesystem::create_directories(to.parent_path());
    const Bytes bytes = mixed(bytes_in(synced_, file.inode), bytes_in(at_power_loss_, file.inode),
                              static_cast<std::size_t>(file.size), dice);
    std::ofstream(to, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
}

std::unique_ptr<PowerLossFileSystem> PowerLossFileSystem::after_kill(const std::filesystem::path& target) const {
  const std::lock_guard lock(mutex_);
  auto next = std::unique_ptr<PowerLossFileSystem>(new PowerLossFileSystem(target, Nothing()));
  next->inodes_ = inodes_;
  next->synced_ = synced_;
  next->removed_ = removed_;
  next->changes_ = changes_;
  next->forced_ = forced_;
  for (Change& change : next->changes_) {
    for (auto* path : {&change.path, &change.renamed}) {
      if (!path->empty()) *path = target / std::filesystem::relative(*path, root_);
    }
  }
  for (const auto& [path, file] : next->files_after(changes_.size())) {
    next->names_[path] = file.inode;
    Bytes bytes = at_power_loss_.at(file.inode);
    bytes.resize(static_cast<std::size_t>(file.size));
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  return next;
}

}  // namespace tenon::logstore::testing
