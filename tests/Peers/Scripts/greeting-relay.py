#!/usr/bin/python3
"""Lets plain TLS programs take part in the Mandos exchange, by taking off or putting on the line before TLS.

usage: greeting-relay.py strip PORT TLS_PORT [CUT_AFTER]
           A Mandos client connects to PORT, a TLS client program to TLS_PORT (on the loopback address). The client's
           line is read and dropped, then bytes are passed both ways. With CUT_AFTER both connections end when that
           many bytes have gone to the Mandos client.
       greeting-relay.py add ADDRESS PORT TLS_PORT
           Connects to the Mandos server and sends the line, then to a TLS server program, and passes bytes both ways.
"""
import socket
import sys
import threading


def pump(source, target, limit=None):
    passed = 0
    try:
        while data := source.recv(65536):
            if limit is not None and passed + len(data) >= limit:
                target.sendall(data[:limit - passed])
                print("cut", file=sys.stderr, flush=True)
                for end in (source, target):
                    end.shutdown(socket.SHUT_RDWR)
                return
            target.sendall(data)
            passed += len(data)
        target.shutdown(socket.SHUT_WR)
    except OSError as error:
        print(f"relay: {error}", file=sys.stderr, flush=True)


def both_ways(mandos, tls, limit=None):
    back = threading.Thread(target=pump, args=(mandos, tls))
    back.start()
    pump(tls, mandos, limit)
    back.join()
    mandos.close()
    tls.close()


def listener(address, port):
    server = socket.socket(socket.AF_INET6)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, port))
    server.listen()
    return server


def strip(port, tls_port, limit=None):
    outer, inner = listener("::", int(port)), listener("::ffff:127.0.0.1", int(tls_port))
    tls, _ = inner.accept()
    mandos, _ = outer.accept()
    line = b""
    while not line.endswith(b"\n"):
        byte = mandos.recv(1)
        if not byte:
            break
        line += byte
    print(f"line {line!r}", file=sys.stderr, flush=True)
    both_ways(mandos, tls, int(limit) if limit else None)


def add(address, port, tls_port):
    tls = socket.create_connection(("127.0.0.1", int(tls_port)))
    mandos = socket.create_connection((address, int(port)))
    mandos.sendall(b"1\r\n")
    both_ways(mandos, tls)


{"strip": strip, "add": add}[sys.argv[1]](*sys.argv[2:])
