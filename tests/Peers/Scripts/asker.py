#!/usr/bin/python3
"""Asks for a password as systemd does, and shows what comes, byte for byte.

usage: asker.py NAME [ID [MESSAGE]]
Says "asked" when the question is in place, then "answer HEX". The question is taken away with the answer.
"""
import contextlib
import os
import socket
import sys

directory = "/run/systemd/ask-password"
name = sys.argv[1]
os.makedirs(directory, mode=0o755, exist_ok=True)
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(f"{directory}/sck.{name}")
with open(f"{directory}/tmp.{name}", "w") as question:
    question.write(f"[Ask]\nPID={os.getpid()}\nSocket={directory}/sck.{name}\nAcceptCached=0\nEcho=0\nNotAfter=0\nSilent=0\n")
    question.write(f"Message={' '.join(sys.argv[3:4]) or 'Please'}\nIcon=drive-harddisk\n")
    if len(sys.argv) > 2:
        question.write(f"Id={sys.argv[2]}\n")
os.rename(f"{directory}/tmp.{name}", f"{directory}/ask.{name}")
print("asked", flush=True)
answer = receiver.recv(1 << 20)
print("answer", answer.hex(), flush=True)
with contextlib.suppress(FileNotFoundError):
    os.unlink(f"{directory}/ask.{name}")
