"""Runs a program on a terminal of its own and types on it.

usage: terminal.py [WAIT-FOR TYPE]... -- PROGRAM [ARGUMENT...]

What the terminal shows is printed as it comes. When it has shown WAIT-FOR, TYPE and a newline are typed; then the next pair's turn comes.
"""
import os
import pty
import sys

split = sys.argv.index("--")
pairs = list(zip(sys.argv[1:split:2], sys.argv[2:split:2]))
process, terminal = pty.fork()
if process == 0:
    os.execv(sys.argv[split + 1], sys.argv[split + 1:])
shown = ""
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    os.write(1, data)
    shown += data.decode("utf-8", "replace")
    if pairs and pairs[0][0] in shown:
        shown = ""
        os.write(terminal, pairs.pop(0)[1].encode() + b"\n")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
