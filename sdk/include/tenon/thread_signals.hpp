// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

#include <csignal>
#include <initializer_list>

namespace tenon {

/// While it lives, threads that the calling thread starts block the signals sent to the process, so that the main
/// thread gets them. Signals for a thread's own faults (SIGSEGV, SIGBUS, ...) are not blocked: they would end the
/// process without a word. Threads: create and destroy it on the same one; that one gets its former mask back.
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
