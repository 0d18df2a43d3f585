"""Questions that a server answers only when it serves, each in the server's own protocol.

A port that is open is not enough: Kafka and OpenSearch listen long before they answer.
"""

from __future__ import annotations

import http.client
import socket
import struct

from tools.engines.places import HOST

_SECONDS = 2.0


def listens(port: int) -> bool:
    """Say whether anything listens on a port."""
    try:
        socket.create_connection((HOST, port), _SECONDS).close()
    except OSError:
        return False
    return True


def answers(port: int, question: bytes, beginning: bytes) -> bool:
    """Say whether a server answers ``question`` with bytes that begin with ``beginning``."""
    try:
        with socket.create_connection((HOST, port), _SECONDS) as connection:
            connection.settimeout(_SECONDS)
            connection.sendall(question)
            answer = b""
            while len(answer) < len(beginning):
                part = connection.recv(len(beginning) - len(answer))
                if not part:
                    return False
                answer += part
    except OSError:
        return False
    return answer == beginning


def serves_http(port: int, path: str) -> bool:
    """Say whether a server answers a GET with 200."""
    connection = http.client.HTTPConnection(HOST, port, timeout=_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def kafka(port: int) -> bool:
    """Ask for the versions of the API (key 18, version 0, correlation id 7)."""
    body = struct.pack(">hhih", 18, 0, 7, -1)
    question = struct.pack(">i", len(body)) + body
    try:
        with socket.create_connection((HOST, port), _SECONDS) as connection:
            connection.settimeout(_SECONDS)
            connection.sendall(question)
            answer = connection.recv(4096)
    except OSError:
        return False
    return answer[4:10] == struct.pack(">ih", 7, 0)


def cassandra(port: int) -> bool:
    """Send OPTIONS (5) of CQL's version 4; the answer is SUPPORTED (6)."""
    return answers(port, b"\x04\0\0\0\x05\0\0\0\0", b"\x84\0\0\0\x06")


def neo4j(port: int) -> bool:
    """Shake hands in Bolt, offering version 5.0 alone."""
    offer = b"\x60\x60\xb0\x17" + b"\0\0\0\x05" + bytes(12)
    return answers(port, offer, b"\0\0\0\x05")


def mongodb(port: int) -> bool:
    """Send ``{ping: 1, $db: "admin"}`` as an OP_MSG (2013); the answer is an OP_MSG to 7."""
    document = b"\x10ping\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0"
    body = bytes(4) + b"\0" + struct.pack("<i", len(document) + 4) + document
    question = struct.pack("<iiii", 16 + len(body), 7, 0, 2013) + body
    try:
        with socket.create_connection((HOST, port), _SECONDS) as connection:
            connection.settimeout(_SECONDS)
            connection.sendall(question)
            answer = connection.recv(4096)
    except OSError:
        return False
    return answer[8:16] == struct.pack("<ii", 7, 2013)


def redis(port: int) -> bool:
    """Send PING."""
    return answers(port, b"PING\r\n", b"+PONG")


def postgres(port: int) -> bool:
    """Ask to start a session as nobody in particular; a server that serves asks who (R)."""
    names = b"user\0kibble\0database\0kibble\0\0"
    question = struct.pack(">ii", 8 + len(names), 3 << 16) + names
    return answers(port, question, b"R")
