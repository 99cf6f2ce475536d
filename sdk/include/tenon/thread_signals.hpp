// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

#include <csignal>
#include <initializer_list>

namespace tenon {

/// While it lives, threads that this thread starts are left alone by signals sent to the process: those are for the
/// main thread. What a thread does wrong by itself (SIGSEGV, SIGBUS, ...) still reaches it; blocked, it would end the
/// process without a word. Threads: belongs to the one that made it; afterwards that has the mask it had before.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t sent;
    sigfillset(&sent);
    for (const int own : {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) sigdelset(&sent, own);
    pthread_sigmask(SIG_SETMASK, &sent, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace tenon
