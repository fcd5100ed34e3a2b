#!/usr/bin/python3
"""A server that does a client no good. It says `connection` on standard error for each one.

usage: hostile-server.py PORT BEHAVIOUR
  silent    accepts and never says anything
  hello     sends a ClientHello, then nothing (HELLO, in hexadecimal, is the third argument)
  trickle   sends that ClientHello one byte a second
  garbage   sends random bytes without end
  plain     answers as a web server would
  close     closes at once
  reset     ends the connection with a reset
"""
import os
import socket
import struct
import sys
import threading
import time

port, behaviour = int(sys.argv[1]), sys.argv[2]
hello = bytes.fromhex(sys.argv[3]) if len(sys.argv) > 3 else b""


def serve(connection):
    try:
        if behaviour == "close":
            return
        if behaviour == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        connection.recv(100)
        if behaviour == "hello":
            connection.sendall(hello)
        elif behaviour == "trickle":
            for byte in hello:
                connection.sendall(bytes([byte]))
                time.sleep(1)
        elif behaviour == "garbage":
            while True:
                connection.sendall(os.urandom(16384))
        elif behaviour == "plain":
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        while connection.recv(65536):
            pass
        print("client left", file=sys.stderr, flush=True)
    except OSError as error:
        print(f"client left: {error}", file=sys.stderr, flush=True)
    finally:
        connection.close()


server = socket.socket(socket.AF_INET6)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("::", port))
server.listen(50)
while True:
    accepted, _ = server.accept()
    print("connection", file=sys.stderr, flush=True)
    threading.Thread(target=serve, args=(accepted,), daemon=True).start()
