# SPDX-License-Identifier: Apache-2.0
"""Puts files into the memory of the operating system, and takes them out of it."""
import ctypes
import os
import pathlib
import re

PAGE = os.sysconf("SC_PAGESIZE")
MADV_PAGEOUT, PROCESS_MADVISE = 21, 440


def files(directory):
    """Commit log and queues: what is read cold."""
    return [path for path in directory.rglob("0*") if path.is_file()]


def recall(directory):
    for path in files(directory):
        with open(path, "rb") as file:
            while file.read(1 << 20):
                pass


def forget(directory):
    """Pages that a process has mapped stay: close the store before, or let go of them by page_out()."""
    for path in files(directory):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def page_out(pid, directory):
    """Takes the files that a process has mapped out of its memory and of the system's, as a machine short of memory does; what is
    not on the disk yet is written. Linux 5.10 and root."""
    libc, process = ctypes.CDLL(None, use_errno=True), os.pidfd_open(pid)
    for begin, end, name in re.findall(r"(?m)^(\w+)-(\w+) .*? (/.*)$", pathlib.Path(f"/proc/{pid}/maps").read_text()):
        if not pathlib.Path(name).is_relative_to(directory):
            continue
        at, end = int(begin, 16), int(end, 16)
        while at < end:
            part = Iovec(at, min(end - at, 64 << 20))
            done = libc.syscall(PROCESS_MADVISE, process, ctypes.byref(part), ctypes.c_size_t(1), MADV_PAGEOUT, 0)
            if done <= 0:
                raise OSError(ctypes.get_errno(), "process_madvise", name)
            at += done
    os.close(process)
    forget(directory)
