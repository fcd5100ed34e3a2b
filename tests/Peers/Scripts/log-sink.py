#!/usr/bin/python3
"""Receives what programs send to syslog and shows it on standard error."""
import os
import socket
import sys

sink = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sink.bind("/dev/log")
os.chmod("/dev/log", 0o666)
print("ready", file=sys.stderr, flush=True)
while True:
    message = sink.recv(65536).rstrip(b"\0\n")
    print(message.decode("utf-8", "backslashreplace"), file=sys.stderr, flush=True)
