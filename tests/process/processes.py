"""Processes of one runtime, found by what `ps` shows for them (shared/interface.md), and signals that cannot go astray.

A process is named by pid and start time together: a number used again never gets a signal meant for another.
"""

import os
import re
import signal
import time
from dataclasses import dataclass, replace

TITLE = re.compile(r'^(smhostd|smhost-worker): (\w+)(?: (.*))? \[(.*)\]$')


@dataclass(frozen=True)
class Process:
    pid: int
    start_time: int
    program: str
    role: str  # supervisor, controller, gateway, api, launcher, template, instance
    object: str  # a digest's first digits, "endpoint/variant/0"; empty where there is none

    def alive(self):
        return start_time_of(self.pid) == self.start_time

    def signal(self, number):
        """False: it is gone."""
        try:
            pidfd = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        try:
            if start_time_of(self.pid) != self.start_time:
                return False
            signal.pidfd_send_signal(pidfd, number)
            return True
        except ProcessLookupError:
            return False
        finally:
            os.close(pidfd)

    def kill(self):
        return self.signal(signal.SIGKILL)


def stat_of(pid):
    """The fields of /proc/PID/stat from the third on; None where there is no such process."""
    try:
        with open(f'/proc/{pid}/stat', 'rb') as file:
            text = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text[text.rindex(b')') + 2:].split()


def start_time_of(pid):
    """0: no such process, or one that ended and waits to be reaped."""
    fields = stat_of(pid)
    return 0 if fields is None or fields[0] in (b'Z', b'X') else int(fields[19])


def parent_of(pid):
    fields = stat_of(pid)
    return 0 if fields is None else int(fields[1])


def _read_process(pid, home):
    start_time = start_time_of(pid)
    try:
        with open(f'/proc/{pid}/cmdline', 'rb') as file:
            words = file.read().split(b'\0')
    except (FileNotFoundError, ProcessLookupError):
        return None
    words = [os.fsdecode(word) for word in words if word]
    if not words or not start_time:
        return None
    title = TITLE.match(words[0])
    if title:
        program, role, thing, its_home = title.groups()
        return Process(pid, start_time, program, role, thing or '') if its_home == home else None
    # Not come to its title yet: "…/smhostd gateway --home HOME …"
    program = os.path.basename(words[0])
    if len(words) > 3 and program in ('smhostd', 'smhost-worker', 'scripted_worker') and home in words[2:]:
        role = 'supervisor' if words[1] == 'up' else words[1]
        return Process(pid, start_time, program, role, '')
    return None


def processes_of(home, role=None):
    """All processes of the runtime in that home, oldest first."""
    found = [_read_process(int(name), home) for name in os.listdir('/proc') if name.isdigit()]
    found = [process for process in found if process]
    supervisors = {process.pid for process in found if process.role == 'supervisor'}
    # Between fork and exec a child still shows its parent's title.
    forked = {process.pid for process in found if process.role == 'supervisor' and parent_of(process.pid) in supervisors}
    found = [replace(process, role='starting') if process.pid in forked else process for process in found]
    return sorted((process for process in found if role in (None, process.role)),
                  key=lambda process: (process.start_time, process.pid))


def wait_until(condition, timeout=10.0, interval=0.01, what=None):
    """Waits for a true value and returns it; AssertionError at the deadline. `what` says what was waited for."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            said = what() if callable(what) else what
            raise AssertionError(f'not within {timeout} s: {said or getattr(condition, "__name__", condition)}')
        time.sleep(interval)
