#!/usr/bin/python3
"""Runs a program on a terminal of its own, types for it, and tells what came of it.

argument: JSON {"command": [...], "environment": {...}, "steps": [...]}
  steps: ["prompt", TEXT]  waits until standard error shows the text (again)
         ["type", HEX]     keys, sent when the prompt before is there
         ["signal", N]
         ["hangup"]        takes the terminal away
output: JSON
"""
import fcntl, json, os, pty, select, signal, sys, termios, time

task = json.loads(sys.argv[1])
keys, terminal = pty.openpty()
before = termios.tcgetattr(terminal)
output, output_end = os.pipe()
errors, errors_end = os.pipe()
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for source, target in (terminal, 0), (output_end, 1), (errors_end, 2):
        os.dup2(source, target)
    os.closerange(3, 64)
    os.execve(task["command"][0], task["command"], {**os.environ, **task["environment"]})
os.close(output_end)
os.close(errors_end)

read = {output: b"", errors: b"", keys: b""}
status = None


def pump(seconds, done):
    """Collects what the program says until `done` or the time is over; tells which."""
    global status
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        for source in select.select([f for f in read if f >= 0], [], [], 0.02)[0]:
            try:
                read[source] += os.read(source, 65536)
            except OSError:
                pass
        if status is None:
            process, result = os.waitpid(child, os.WNOHANG)
            status = result if process else None
    return True


seen = 0
silent = None
hung_up = False
for step, *argument in task["steps"]:
    if step == "prompt":
        wanted = argument[0].encode()
        pump(20, lambda: wanted in read[errors][seen:] or status is not None)
        seen = len(read[errors])
        silent = not termios.tcgetattr(terminal)[3] & termios.ECHO
    elif step == "type":
        # The original shows its prompt, then looks whether a signal came, then reads: Ctrl-C in between is lost on it.
        pump(0.1, lambda: False)
        os.write(keys, bytes.fromhex(argument[0]))
    elif step == "signal":
        # Keys that were typed before it are with the terminal by then.
        pump(0.2, lambda: False)
        os.kill(child, argument[0])
    elif step == "hangup":
        # The original, if it does not read yet, would ask a terminal that is gone forever.
        pump(0.3, lambda: False)
        os.close(terminal)
        os.close(keys)
        del read[keys]
        hung_up = True
ended = pump(20, lambda: status is not None)
if not ended:
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
pump(0.1, lambda: False)
left = None
if not hung_up:
    after = termios.tcgetattr(terminal)
    restored = after == before
    # What is in the queue of lines can be counted once lines are no longer waited for.
    after[3] &= ~termios.ICANON
    termios.tcsetattr(terminal, termios.TCSANOW, after)
    left = int.from_bytes(fcntl.ioctl(terminal, termios.FIONREAD, bytes(4)), "little")
print(json.dumps({
    "ExitCode": os.WEXITSTATUS(status) if ended and os.WIFEXITED(status) else None,
    "Signal": os.WTERMSIG(status) if ended and os.WIFSIGNALED(status) else None,
    "Output": read[output].hex(),
    "Errors": read[errors].decode(),
    "Shown": "" if hung_up else read[keys].decode(errors="replace"),
    "Silent": silent,
    "Restored": None if hung_up else restored,
    "Unread": left,
}))
