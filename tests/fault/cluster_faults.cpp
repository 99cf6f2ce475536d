// SPDX-License-Identifier: Apache-2.0
#include "cluster_faults.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

namespace tenon::fault {
namespace {

using namespace std::chrono_literals;

constexpr Way kHeld{.flow = Flow::hold};
constexpr Way kSwallowed{.flow = Flow::swallow};
constexpr Link kDown{.to_server = kHeld, .to_client = kHeld};
constexpr Link kRefused{.to_server = {}, .to_client = {}, .refuses = true};

void slaves_see(const Target& at, const Link& link) {
  at.the_master().replication.set(link);
  at.the_master().peers.set(link);
}

/// Only the one slave that the fault is about.
void one_slave_sees(const Target& at, const Link& link) {
  const pid_t slave = at.the_slave().process->pid();
  at.the_master().replication.set_for(slave, link);
  at.the_master().peers.set_for(slave, link);
}

void everybody_sees_names(const Target& at, const Link& link) {
  for (std::size_t index = 0; index < at.cluster.size(); ++index) at.cluster.member(index).to_names.set(link);
}

void kill_everybody(const Target& at) {
  for (std::size_t index = 0; index < at.cluster.size(); ++index) at.cluster.member(index).kill();
}

/// For a moment it has nobody who tells it that another is the master.
void wake_without_etcd(const Target& at) {
  at.the_master().go_on();
  std::this_thread::sleep_for(1s);
}

void isolate_from_etcd(const Target& at) {
  for (std::size_t index = 0; index < at.cluster.size(); ++index) at.cluster.member(index).to_etcd.set(kDown);
}

/// Damages some bytes from now on: somewhere in what is under way.
void damage(const Target& at, Direction direction, Damage damage) {
  at.the_master().replication.damage(direction, damage, at.random() % 20'000);
}

/// Everything that is free is taken; what a broker has preallocated stays its own.
void fill_disk(const std::filesystem::path& small_disk) {
  const int ballast = ::open((small_disk / "ballast").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  off_t size = 0;
  for (off_t step = 64 << 20; step >= 4096;) {
    ::posix_fallocate(ballast, size, step) == 0 ? void(size += step) : void(step /= 2);
  }
  ::close(ballast);
}

constexpr Fault kFaults[] = {
    {"kill -9 of the master", [](const Target& at) { at.the_master().kill(); }},
    {"kill -9 of a slave", [](const Target& at) { at.the_slave().kill(); }},
    {"kill -9 of all brokers", &kill_everybody},
    {"kill -9 of etcd", [](const Target& at) { at.cluster.kill_etcd(); }},
    {"kill -9 of etcd, past the lease", [](const Target& at) { at.cluster.kill_etcd(); }, true},
    {"kill -9 of the name server", [](const Target& at) { at.cluster.kill_name_server(); }},
    {"kill -9 of master and name server",
     [](const Target& at) {
       at.the_master().kill();
       at.cluster.kill_name_server();
     }},
    {"master stopped past its lease", [](const Target& at) { at.the_master().stop(); }, true},
    {"master stopped, wakes without etcd",
     [](const Target& at) {
       at.the_master().to_etcd.set(kDown);
       at.the_master().stop();
     },
     true, &wake_without_etcd},
    {"slave stopped", [](const Target& at) { at.the_slave().stop(); }},
    {"master|etcd down", [](const Target& at) { at.the_master().to_etcd.set(kDown); }, true},
    {"master|etcd refused", [](const Target& at) { at.the_master().to_etcd.set(kRefused); }},
    {"master->etcd one way gone",
     [](const Target& at) {
       at.the_master().to_etcd.set({kSwallowed, {}});
     },
     true},
    {"etcd->master one way gone",
     [](const Target& at) {
       at.the_master().to_etcd.set({{}, kSwallowed});
     },
     true},
    {"all|etcd down", &isolate_from_etcd, true},
    {"master|slaves down", [](const Target& at) { slaves_see(at, kDown); }},
    {"master|slaves refused", [](const Target& at) { slaves_see(at, kRefused); }},
    {"master->slaves one way gone",
     [](const Target& at) {
       slaves_see(at, {{}, kSwallowed});
     }},
    {"slaves->master one way gone",
     [](const Target& at) {
       slaves_see(at, {kSwallowed, {}});
     }},
    {"slaves->master held",
     [](const Target& at) {
       slaves_see(at, {kHeld, {}});
     },
     true},
    {"master|etcd and slaves down",
     [](const Target& at) {
       at.the_master().to_etcd.set(kDown);
       slaves_see(at, kDown);
     },
     true},
    {"one slave|master down", [](const Target& at) { one_slave_sees(at, kDown); }, true},
    {"one slave|master refused", [](const Target& at) { one_slave_sees(at, kRefused); }},
    {"one slave->master one way gone",
     [](const Target& at) {
       one_slave_sees(at, {kSwallowed, {}});
     },
     true},
    {"master->one slave one way gone",
     [](const Target& at) {
       one_slave_sees(at, {{}, kSwallowed});
     },
     true},
    {"one slave|all down",
     [](const Target& at) {
       one_slave_sees(at, kDown);
       at.the_slave().to_etcd.set(kDown);
       at.the_slave().to_names.set(kDown);
     },
     true},
    {"slow link to one slave",
     [](const Target& at) {
       one_slave_sees(at, {{.delay = 80ms}, {.delay = 80ms, .bytes_per_second = 50'000}});
     },
     true},
    {"one slave down, then kill -9 of the master",
     [](const Target& at) {
       one_slave_sees(at, kDown);
       std::this_thread::sleep_for(1s);
       at.the_master().kill();
     },
     true},
    {"master|names down", [](const Target& at) { at.the_master().to_names.set(kDown); }, true},
    {"slave|names down", [](const Target& at) { at.the_slave().to_names.set(kDown); }, true},
    {"master->names one way gone",
     [](const Target& at) {
       at.the_master().to_names.set({kSwallowed, {}});
     },
     true},
    {"names->all one way gone",
     [](const Target& at) {
       everybody_sees_names(at, {{}, kSwallowed});
     },
     true},
    {"all|names refused", [](const Target& at) { everybody_sees_names(at, kRefused); }, true},
    {"slow links to names",
     [](const Target& at) {
       everybody_sees_names(at, {{.delay = 700ms}, {.delay = 700ms}});
     },
     true},
    {"slow links to names, master stopped past its lease",
     [](const Target& at) {
       everybody_sees_names(at, {{.delay = 300ms}, {.delay = 300ms}});
       at.the_master().stop();
     },
     true},
    {"all|names down, then kill -9 of the master",
     [](const Target& at) {
       everybody_sees_names(at, kDown);
       std::this_thread::sleep_for(500ms);
       at.the_master().kill();
     },
     true},
    {"kill -9 of the name server, past the lease", [](const Target& at) { at.cluster.kill_name_server(); }, true},
    {"slow link to slaves",
     [](const Target& at) {
       slaves_see(at, {{.delay = 40ms}, {.delay = 40ms, .bytes_per_second = 300'000}});
     }},
    {"slow link to etcd",
     [](const Target& at) {
       at.the_master().to_etcd.set({{.delay = 60ms}, {.delay = 60ms}});
     }},
    {"frame to slaves cut", [](const Target& at) { damage(at, Direction::to_client, Damage::cut); }},
    {"byte to slaves flipped", [](const Target& at) { damage(at, Direction::to_client, Damage::flip); }},
    {"byte from slaves flipped", [](const Target& at) { damage(at, Direction::to_server, Damage::flip); }},
    {"disk of the last broker full",
     [](const Target& at) {
       if (!at.small_disk.empty()) fill_disk(at.small_disk);
     }},
};

/// What a bug does.
constexpr Fault kCrashes[] = {
    {"crash of the master", [](const Target& at) { at.the_master().process->signal(SIGSEGV); }},
    {"crash of a slave", [](const Target& at) { at.the_slave().process->signal(SIGABRT); }},
};

}  // namespace

std::span<const Fault> all_faults() { return kFaults; }

const Fault* find_fault(std::string_view name) {
  for (const auto faults : {std::span<const Fault>(kFaults), std::span<const Fault>(kCrashes)}) {
    const auto found = std::ranges::find(faults, name, &Fault::name);
    if (found != faults.end()) return &*found;
  }
  return nullptr;
}

void free_disk(const std::filesystem::path& small_disk) {
  if (!small_disk.empty()) ::unlink((small_disk / "ballast").c_str());
}

}  // namespace tenon::fault
