"""Run a program that is told when its parent dies, and that may run as another account.

    python -I -S leash.py SIGNAL PARENT ACCOUNT PROGRAM [ARGUMENT...]

`SIGNAL` is the number that the kernel sends the program when process `PARENT` is gone, however it went: a supervisor
that was killed with -9 leaves nothing behind. `ACCOUNT` is `UID:GID`, or `-` to stay who we are. Only Linux knows such
a signal; elsewhere a killed supervisor leaves its servers running, and the next start says so.

A parent that dies hands its children from one of its threads to the next while any is alive, and the kernel sends the
signal each time. The supervisor therefore has one thread alone: Granian, told twice, can hang in its own handler.

This is a program of its own, and no `preexec_fn`, because Python code between fork and exec can hang in a process that
has threads. The signal is asked for last: changing the account would take it back.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Take on the account, ask for the signal and become the program."""
    signal, parent, account, *program = sys.argv[1:]
    if account != "-":
        uid, gid = (int(part) for part in account.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal))
        if os.getppid() != int(parent):
            sys.exit(1)  # it died before we could ask
    os.execvp(program[0], program)  # noqa: S606  # no shell is wanted


if __name__ == "__main__":
    main()
