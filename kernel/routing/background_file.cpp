// SPDX-License-Identifier: Apache-2.0
#include "routing/background_file.hpp"

#include <boost/asio/post.hpp>

namespace tenon::kernel {

Result<BackgroundFile::Opened> BackgroundFile::open(std::filesystem::path path, boost::asio::any_io_executor disk,
                                                    const Take& take, Encode encode, Logger log) {
  ConfigFile file(std::move(path));
  const Result<bool> read = file.read(take, log);
  if (!read) return read.error();
  return Opened{std::make_shared<BackgroundFile>(std::move(file), std::move(disk), std::move(encode), std::move(log)),
                *read};
}

void BackgroundFile::write(Done done) {
  {
    const std::scoped_lock lock(requests_);
    if (done) waiting_.push_back(std::move(done));
    if (scheduled_) return;
    scheduled_ = true;
  }
  boost::asio::post(disk_, [self = shared_from_this()] { (void)self->run(); });
}

Status BackgroundFile::run() {
  std::vector<Done> served;
  Status status;
  {
    const std::scoped_lock writing(writing_);
    {
      // Whoever asks from here on may have changed the table after encode(): the next write is for them.
      const std::scoped_lock lock(requests_);
      served.swap(waiting_);
      scheduled_ = false;
    }
    if (!closed_) status = encode_and_write();
  }
  for (const Done& done : served) done(status);
  return status;
}

void BackgroundFile::close() {
  const std::scoped_lock writing(writing_);
  closed_ = true;
}

void BackgroundFile::finish() noexcept {
  const std::scoped_lock writing(writing_);
  closed_ = true;
  (void)encode_and_write();
}

Status BackgroundFile::encode_and_write() {
  Status status = file_.write(encode_());
  if (!status) log_.error("table not persisted: ", status.error().message());
  return status;
}

}  // namespace tenon::kernel
