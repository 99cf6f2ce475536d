// SPDX-License-Identifier: Apache-2.0
#include "private_mounts.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace tenon::e2e {
namespace {

// user_namespaces(7): an unprivileged process may map itself alone, and groups only after it gave up setgroups.
void become_root_of_the_namespace(uid_t user, gid_t group) {
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
  std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
}

}  // namespace

std::string PrivateMounts::enter() {
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  if (::unshare(CLONE_NEWNS) != 0) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return std::strerror(errno);
    become_root_of_the_namespace(user, group);
  }
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return std::strerror(errno);
  return {};
}

bool PrivateMounts::mount_small_disk(const std::filesystem::path& directory, int megabytes) {
  const std::string size = "size=" + std::to_string(megabytes) + "m";
  return ::mount("tmpfs", directory.c_str(), "tmpfs", 0, size.c_str()) == 0;
}

bool PrivateMounts::make_read_only(const std::filesystem::path& directory) {
  return ::mount("none", directory.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
}

void PrivateMounts::unmount(const std::filesystem::path& directory) { ::umount2(directory.c_str(), MNT_DETACH); }

}  // namespace tenon::e2e
