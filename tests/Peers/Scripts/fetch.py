#!/usr/bin/python3
"""Fetches a secret many times, as Mandos clients do, with GnuTLS, as Debian's mandos-client does. Prints one line of JSON.

usage: fetch.py ADDRESS PORT KEYS AT-ONCE COUNT SHA256 [LIMIT]

KEYS is the folder of tls-pubkey.pem and tls-privkey.pem; AT-ONCE so many are under way at each moment; COUNT in all; SHA256
of the secret, in hexadecimal. One that takes longer than LIMIT seconds (20) has failed. A COUNT like 5s is a time: wait until
the server listens, then fetch that long, with short pauses.

seconds  from the first to the last; times: of each that succeeded, from the connection to the end of the secret, in order
failed   how many did not get the secret; reasons: their number by kind
"""
import ctypes
import hashlib
import json
import socket
import struct
import sys
import threading
import time

PRIORITY = b"SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA"
SERVER, ENABLE_RAWPK, PEM, CERTIFICATE, WRITE, READ_WRITE = 1, 1 << 18, 1, 1, 1, 0
AGAIN = (-28, -52)

tls = ctypes.CDLL("libgnutls.so.30")
tls.gnutls_record_recv.restype = ctypes.c_ssize_t
tls.gnutls_record_recv.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]


class Datum(ctypes.Structure):
    _fields_ = [("data", ctypes.c_char_p), ("size", ctypes.c_uint)]


def datum(path):
    with open(path, "rb") as file:
        content = file.read()
    return Datum(content, len(content))


def check(what, code):
    if code < 0:
        raise OSError(f"{what} {code}")
    return code


def fetch(address, port, credentials, digest, limit):
    """The time it took."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    began = time.monotonic()
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        patience = struct.pack("ll", int(limit), int(limit % 1 * 1000000))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
        connection.connect((address, port))
        connection.sendall(b"1\r\n")
        session = ctypes.c_void_p()
        check("init", tls.gnutls_init(ctypes.byref(session), SERVER | ENABLE_RAWPK))
        try:
            check("priority", tls.gnutls_priority_set_direct(session, PRIORITY, None))
            check("credentials", tls.gnutls_credentials_set(session, CERTIFICATE, credentials))
            tls.gnutls_transport_set_int2(session, connection.fileno(), connection.fileno())
            check("handshake", tls.gnutls_handshake(session))
            buffer, secret = ctypes.create_string_buffer(16384), b""
            while (count := check("receive", tls.gnutls_record_recv(session, buffer, len(buffer)))) > 0:
                secret += buffer.raw[:count]
            taken = time.monotonic() - began
            tls.gnutls_bye(session, READ_WRITE)
            if not secret:
                raise OSError("nothing")
            if hashlib.sha256(secret).hexdigest() != digest:
                raise OSError("another secret")
            if taken > limit:
                raise OSError("late")
            return taken
        finally:
            tls.gnutls_deinit(session)


def wait_for(address, port):
    """Returns when the server listens; a connection that fails for another reason is for the first fetch to report."""
    while True:
        try:
            socket.create_connection((address, port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.005)
        except OSError:
            return


def main():
    address, port, keys, at_once, digest = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[6]
    timed = sys.argv[5].endswith("s")
    count, period = (sys.maxsize, float(sys.argv[5][:-1])) if timed else (int(sys.argv[5]), float("inf"))
    limit = float(sys.argv[7]) if len(sys.argv) > 7 else 20.0
    check("global", tls.gnutls_global_init())
    credentials = ctypes.c_void_p()
    check("allocate", tls.gnutls_certificate_allocate_credentials(ctypes.byref(credentials)))
    public, private = datum(f"{keys}/tls-pubkey.pem"), datum(f"{keys}/tls-privkey.pem")
    check("key", tls.gnutls_certificate_set_rawpk_key_mem(credentials, ctypes.byref(public), ctypes.byref(private), PEM, None, 0, None, 0, 0))
    times, reasons, lock, left = [], {}, threading.Lock(), [count]

    def work():
        while True:
            with lock:
                if left[0] == 0 or time.monotonic() - began > period:
                    return
                left[0] -= 1
            try:
                taken = fetch(address, port, credentials, digest, limit)
                with lock:
                    times.append(taken)
            except OSError as error:
                with lock:
                    reason = str(error)
                    reasons[reason] = reasons.get(reason, 0) + 1
            if timed:
                time.sleep(0.01)

    if timed:
        wait_for(address, port)
    threads = [threading.Thread(target=work) for _ in range(at_once)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - began
    print(json.dumps({"seconds": seconds, "times": sorted(times), "failed": sum(reasons.values()), "reasons": reasons}))


main()
