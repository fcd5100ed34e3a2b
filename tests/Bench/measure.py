#!/usr/bin/python3
"""Runs a program once and prints what it took, as one line of JSON.

usage: measure.py time|memory PROGRAM [ARGUMENT...]

time    password, exit: seconds from the start to the last byte on standard output, and to the end of the program
        cpu: seconds of processor time of the program and everything it started
memory  rss, pss, dirty: the highest sum over all its processes seen at one moment, in bytes; processes: most at one moment

Both: output in hexadecimal, and the exit status. Must run in a PID namespace with nothing else than a process 1.
"""
import ctypes
import json
import os
import resource
import select
import signal
import sys
import time

PR_SET_CHILD_SUBREAPER = 36


def others():
    """Every process here but process 1 and this one."""
    own = (1, os.getpid())
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) not in own]


def memory_of(process):
    """Resident bytes, the same with shared pages divided among those who share them, and of these the pages that are no file's."""
    rss = pss = dirty = 0
    try:
        with open(f"/proc/{process}/smaps_rollup", "rb") as rollup:
            for line in rollup:
                if line.startswith(b"Rss:"):
                    rss = int(line.split()[1]) * 1024
                elif line.startswith(b"Pss:"):
                    pss = int(line.split()[1]) * 1024
                elif line.startswith(b"Pss_Anon:"):
                    dirty = int(line.split()[1]) * 1024
    except OSError:
        pass  # It ended meanwhile.
    return rss, pss, dirty


def main():
    what, command = sys.argv[1], sys.argv[2:]
    # What the program leaves behind becomes a child of this process, and is counted.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    reader, writer = os.pipe()
    result = {"rss": 0, "pss": 0, "dirty": 0, "processes": 0}
    output = b""
    began = time.monotonic()
    child = os.posix_spawn(command[0], command, dict(os.environ), file_actions=[(os.POSIX_SPAWN_DUP2, writer, 1)])
    os.close(writer)
    end_of_output = False
    while not end_of_output:
        if what == "memory":
            sums = [memory_of(process) for process in others()]
            for place, name in enumerate(("rss", "pss", "dirty")):
                result[name] = max(result[name], sum(one[place] for one in sums))
            result["processes"] = max(result["processes"], sum(1 for rss, _, _ in sums if rss))
            if not select.select([reader], [], [], 0.0005)[0]:
                continue
        data = os.read(reader, 65536)
        if data:
            output += data
            result["password"] = time.monotonic() - began
        end_of_output = not data
    _, status = os.waitpid(child, 0)
    result["exit"] = time.monotonic() - began
    for process in others():
        os.kill(process, signal.SIGKILL)
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    result["cpu"] = usage.ru_utime + usage.ru_stime
    result["output"] = output.hex()
    result["status"] = os.waitstatus_to_exitcode(status)
    print(json.dumps(result))


main()
