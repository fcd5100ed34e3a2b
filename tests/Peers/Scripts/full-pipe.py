#!/usr/bin/python3
# Makes a FIFO whose reader never reads, and reports when the writer has filled it.
# usage: full-pipe.py FIFO     prints "ready", then "full"; ends when it is killed
import fcntl, os, signal, struct, sys, termios, time

SET_PIPE_SIZE = 1031

os.mkfifo(sys.argv[1], 0o600)
print("ready", flush=True)
pipe = os.open(sys.argv[1], os.O_RDONLY)
size = fcntl.fcntl(pipe, SET_PIPE_SIZE, 4096)
while struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0\0\0\0"))[0] < size:
    time.sleep(0.02)
print("full", flush=True)
signal.pause()
