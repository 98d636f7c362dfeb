"""Stands for a kernel or a command that a fork server runs: `python -I -S forkclient.py SOCKET ARGUMENT…`.

Hands its streams, folder and environment over, waits, and ends as the child ended. Imports as little as it can.
"""

import json
import os
import signal
import socket
import sys


def main() -> None:
    """Ask, and wait; an interrupt is the child's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(sys.argv[1])
    asked = json.dumps({"argv": sys.argv[2:], "cwd": os.getcwd(), "env": dict(os.environ)}) + "\n"
    data = asked.encode()
    sent = socket.send_fds(connection, [data], [0, 1, 2])
    connection.sendall(data[sent:])
    answers = connection.makefile("rb")
    child = int(answers.readline() or 0)
    signal.signal(signal.SIGINT, lambda *_: os.kill(child, signal.SIGINT))
    code = answers.read()
    os._exit(int(code) if code else 1)


main()
