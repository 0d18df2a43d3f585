"""Load over HTTP/1.1 keep-alive connections, made by a process of its own.

Closed loop: each connection sends its next request when it has its answer; shows the capacity.
Open loop: requests come when they come, as customers do (a Poisson process); each latency counts
from when the request was due, so that a server that stands still is not flattered by requests that
were never sent ("coordinated omission").
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Self, cast

import httptools
import uvloop

SEED = 20_260_302
ANSWER_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to send, and how.

    ``requests`` are sent in order, over and over unless ``once``; ``rate`` (a second) makes the
    loop open, and ``connections`` the most that it opens. ``keep`` returns the bodies too.
    """

    port: int
    requests: Sequence[bytes]
    connections: int
    seconds: float
    rate: float | None = None
    once: bool = False
    keep: bool = False


@dataclass
class Answers:
    """What came back. ``latencies`` are those of 2xx answers, ascending, in seconds.

    ``bodies`` has (status, body) of each answer when it was asked for; ``cpu`` is the generator's.
    """

    seconds: float = 0.0
    cpu: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    retry_after: int = 0
    lost: int = 0
    latencies: list[float] = field(default_factory=list)
    bodies: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def good(self) -> int:
        """How many requests got what they asked for."""
        return sum(count for status, count in self.statuses.items() if 200 <= status < 300)

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return self.good / self.seconds

    def latency(self, share: float) -> float:
        """Return the quantile of the latencies, in seconds; 0 without any."""
        if not self.latencies:
            return 0.0
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]

    def count(self, *classes: int) -> int:
        """Return how many answers were of these classes of status (5 for 5xx)."""
        return sum(count for status, count in self.statuses.items() if status // 100 in classes)


def merged(parts: Iterable[Answers]) -> Answers:
    """Return several runs' answers as one."""
    whole = Answers()
    for part in parts:
        whole.seconds += part.seconds
        whole.cpu += part.cpu
        whole.statuses += part.statuses
        whole.retry_after += part.retry_after
        whole.lost += part.lost
        whole.latencies += part.latencies
        whole.bodies += part.bodies
    whole.latencies.sort()
    return whole


class Generator:
    """The process that makes load."""

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))

    def __enter__(self) -> Self:
        """Start the process, so that no measurement pays for it."""
        self._pool.submit(time.process_time).result()
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._pool.shutdown()

    def start(self, plan: Plan) -> Future[Answers]:
        """Begin a run."""
        return self._pool.submit(run, plan)

    def run(self, plan: Plan) -> Answers:
        """Make a run and return its answers."""
        return self.start(plan).result()


def run(plan: Plan) -> Answers:
    """Make a run in this process."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_Run(plan).run())


class _Run:
    """One run: the requests, the connections, and what came back."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._sent = 0
        self._open = 0
        self._idle: list[_Connection] = []
        self._due: deque[float] = deque()
        self._deadline = float("inf")
        self._last = 0.0
        self._stopped = asyncio.Event()
        self.answers = Answers()

    async def run(self) -> Answers:
        plan = self._plan
        await asyncio.gather(*(self._connect() for _ in range(plan.connections)))
        began, cpu = time.perf_counter(), time.process_time()
        self._deadline = began + plan.seconds
        if plan.rate is None:
            free, self._idle = self._idle, []
            for connection in free:
                self.next_of(connection)
        else:
            await self._arrive(plan.rate)
        async with asyncio.timeout(ANSWER_SECONDS + plan.seconds):
            await self._stopped.wait()
        self.answers.cpu = time.process_time() - cpu
        self.answers.seconds = self._last - began
        self.answers.latencies.sort()
        return self.answers

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._plan.port)

    async def _arrive(self, rate: float) -> None:
        """Let requests come until the deadline."""
        chance = random.Random(SEED)  # noqa: S311 - the same arrivals in every run
        due = time.perf_counter()
        while (due := due + chance.expovariate(rate)) < self._deadline and not self._is_used_up():
            if (pause := due - time.perf_counter()) > 0:
                await asyncio.sleep(pause)
            self._due.append(due)
            if self._idle:
                self.next_of(self._idle.pop())
        self._deadline = 0.0
        self._stop_if_done()

    def joined(self, connection: _Connection) -> None:
        self._open += 1
        self._idle.append(connection)

    def next_of(self, connection: _Connection) -> None:
        """Give a free connection its next request, if there is one."""
        if self._plan.rate is None:
            now = time.perf_counter()
            if now < self._deadline and not self._is_used_up():
                connection.send(self._take(), now)
                return
        elif self._due:
            connection.send(self._take(), self._due.popleft())
            return
        self._idle.append(connection)
        self._stop_if_done()

    def _is_used_up(self) -> bool:
        return self._plan.once and self._sent + len(self._due) >= len(self._plan.requests)

    def _take(self) -> bytes:
        request = self._plan.requests[self._sent % len(self._plan.requests)]
        self._sent += 1
        return request

    def answered(self, connection: _Connection, status: int, since: float) -> None:
        answers = self.answers
        self._last = time.perf_counter()
        answers.statuses[status] += 1
        if 200 <= status < 300:
            answers.latencies.append(self._last - since)
        elif connection.says(b"retry-after:"):
            answers.retry_after += 1
        if self._plan.keep:
            answers.bodies.append((status, connection.body))
        self.next_of(connection)

    def left(self, connection: _Connection, *, unanswered: bool) -> None:
        """Take note that the server closed a connection; a busy one is replaced."""
        self._open -= 1
        if connection in self._idle:
            self._idle.remove(connection)
        self.answers.lost += unanswered
        self._last = time.perf_counter()
        self._stop_if_done()

    def _stop_if_done(self) -> None:
        over = time.perf_counter() >= self._deadline or self._is_used_up()
        if over and not self._due and len(self._idle) >= self._open:
            self._stopped.set()


class _Connection(asyncio.Protocol):
    """A keep-alive connection with one request under way at a time."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._since: float | None = None
        self._seen = b""
        self.body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is no subclass
        self._parser = httptools.HttpResponseParser(self)
        self._run.joined(self)

    def send(self, request: bytes, since: float) -> None:
        """Send a request whose latency counts from ``since``."""
        self._since = since
        self._seen = self.body = b""
        self._transport.write(request)

    def says(self, header: bytes) -> bool:
        """Tell whether the answer has a header."""
        return header in self._seen.lower()

    def data_received(self, data: bytes) -> None:
        self._seen += data
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        since, self._since = self._since, None
        if since is not None:
            self._run.answered(self, self._parser.get_status_code(), since)

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.left(self, unanswered=self._since is not None)
