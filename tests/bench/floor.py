#!/usr/bin/env python3
"""The least that a FastCGI server in Python costs: one more server for bench_servers.py.

    --server 'floor=python tests/bench/floor.py [BYTES]'

It takes a connection from descriptor 0, reads what has come, looks at none of it, sends always
the same answer and closes.  What it needs of a request no server in Python can go below.
"""

import socket
import struct
import sys


def record(kind, content=b""):
    return struct.pack("!BBHHBx", 1, kind, 1, len(content), 0) + content


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    answer = record(6, b"Content-Type: application/vnd.netfpx\r\n\r\n" + b"x" * size) + record(6)
    answer += record(3, bytes(8))
    listening = socket.socket(fileno=0)
    while True:
        opened, _ = listening.accept()
        opened.recv(65536)
        opened.send(answer)
        opened.close()


if __name__ == "__main__":
    main()
