from __future__ import annotations

from pathlib import Path

import pytest

from tools.lint.__main__ import main
from tools.lint.check import check_folders, check_source
from tools.lint.source import Source
from tools.lint.words import names_money, names_secret, words

SERVICE = "src/kibble/services/order/service.py"
ADAPTER = "src/kibble/services/order/adapters/sqlite.py"
PLATFORM = "src/kibble/platform/clock.py"


def objections(text: str, path: str = SERVICE) -> list[str]:
    """The names of the rules that object to ``text``, in the order of its lines."""
    return [finding.rule for finding in check_source(Source(Path(path), text))]


class TestClock:
    @pytest.mark.parametrize(
        "text",
        [
            "from datetime import datetime, UTC\nnow = datetime.now(UTC)",
            "import datetime\nnow = datetime.datetime.utcnow()",
            "import datetime as dt\ntoday = dt.date.today()",
            "import time\nstart = time.monotonic()",
            "from time import perf_counter as tick\nstart = tick()",
            "import asyncio\nasync def wait() -> None:\n    await asyncio.sleep(1)",
            "from asyncio import sleep\nasync def wait() -> None:\n    await sleep(1)",
            "import uuid\nnew = uuid.uuid4()",
            "from uuid import uuid7\nmakes = field(default_factory=uuid7)",
            "import random\nrandom.shuffle(items)",
            "import random\nsource = random.Random()",
            "import secrets\ntoken = secrets.token_urlsafe()",
            "import os\nsalt = os.urandom(16)",
            "import numpy as np\nnoise = np.random.rand(3)",
            "from numpy.random import default_rng\nnoise = default_rng()",
        ],
    )
    def test_objects_to_what_reaches_around_the_ports(self, text: str) -> None:
        assert objections(text) == ["clock"]

    @pytest.mark.parametrize(
        "text",
        [
            "now = self._clock.now()",
            "from datetime import datetime\nthen = datetime.fromisoformat(text)",
            "import uuid\nname = uuid.uuid5(uuid.NAMESPACE_URL, text)",
            "import random\nsource = random.Random(7)",
            "import random\ndef draw(source: random.Random) -> None: ...",
            "import secrets\nsame = secrets.compare_digest(one, other)",
            "import asyncio\nasync def both() -> None:\n    await asyncio.gather(one(), other())",
            "time.sleep(1)",
        ],
    )
    def test_takes_what_is_the_same_on_every_run(self, text: str) -> None:
        assert objections(text) == []

    def test_leaves_alone_who_brings_the_clock(self) -> None:
        assert objections("import time\nnow = time.time()", PLATFORM) == []

    def test_counts_adapters_as_service_code(self) -> None:
        assert objections("import time\nnow = time.time()", ADAPTER) == ["clock"]


class TestQuery:
    @pytest.mark.parametrize(
        "text",
        [
            "def find(name: str):\n    return run(f'SELECT * FROM dogs WHERE name = {name}')",
            "def find(name: str):\n    return run('SELECT * FROM dogs WHERE name = %s' % name)",
            "def find(name: str):\n    return run('SELECT * FROM dogs WHERE name = ' + name)",
            "def find(name: str):\n    return run('DELETE FROM dogs WHERE id = {}'.format(name))",
            "def find(w: Wanted):\n    return run(f'SELECT * FROM dogs WHERE n = {w.name}')",
            "def find(n: str):\n    w = f'n = {n}'\n    return run(f'SELECT 1 FROM d WHERE {w}')",
            "async def find(name):\n    await run(f'MATCH (d:Dog {{name: {name}}}) RETURN d')",
            "def find(names: list[str]):\n    return run(f'SELECT 1 FROM d WHERE n IN {names}')",
            "filters = {'$where': code}",
            "body = {'script_fields': fields}",
        ],
    )
    def test_objects_to_somebody_elses_text_in_a_statement(self, text: str) -> None:
        assert objections(text, ADAPTER) == ["query"]

    @pytest.mark.parametrize(
        "text",
        [
            "def find(name: str):\n    return run('SELECT * FROM dogs WHERE name = ?', (name,))",
            "def find(n: LiteralString, v: str):\n    run(f'SELECT 1 FROM d WHERE {n} = ?', v)",
            "def find(terms: Sequence[str]):\n    return f'SELECT 1 WHERE 1{_HAS * len(terms)}'",
            "def find(self, name: str):\n    return run(f'SELECT {self.columns} FROM dogs', name)",
            "def tell(name: str):\n    return f'{name} is from where the dogs are'",
        ],
    )
    def test_takes_our_own_words_and_parameters(self, text: str) -> None:
        assert objections(text, ADAPTER) == []


class TestRedirects:
    def test_objects_to_a_request_that_follows_them(self) -> None:
        ask = "async def ask(pool):\n    async with pool.get(url{}) as answer:\n        pass"
        objected = "import aiohttp\n" + ask.format("")
        assert objections(objected) == ["redirects"]
        assert objections("import aiohttp\n" + ask.format(", allow_redirects=False")) == []
        assert objections(ask.format("")) == []


class TestMoney:
    @pytest.mark.parametrize(
        "text",
        [
            "shown = float(price)",
            "shown = float(order.total_amount)",
            "shown = float(row['price'])",
            "shown = float(-refund_amount * quantity)",
            "half = amount / 2",
            "each = order.subtotal.decimal / count",
            "gross = price * 1.07",
            "gross = 1.07 * item.price_minor",
            "price *= 0.9",
            "price: float = given",
            "class Line:\n    unitPrice: float | None = None",
            "def charge(amount: float) -> None: ...",
            "def search(*, price_min: float | None = None) -> None: ...",
            "amount = 9.99",
            "shipping_cost = -4.5 + extra",
            "make(price=29.99)",
        ],
    )
    def test_objects_to_an_amount_that_is_or_meets_a_float(self, text: str) -> None:
        assert objections(text) == ["money"]

    @pytest.mark.parametrize(
        "text",
        [
            "score = float(weight) / 2",
            "gross = price * 107 // 100",
            "amount = Decimal('9.99')",
            "def charge(amount: Money, timeout_seconds: float) -> None: ...",
            "tax_rate = 0.07",
            "average = float(len(prices))",
            "price_boost: float = 1.5",
            "rows = count / page_size",
        ],
    )
    def test_takes_whole_amounts_and_other_figures(self, text: str) -> None:
        assert objections(text) == []

    def test_knows_what_names_money(self) -> None:
        named = ["price", "unitPrice", "total_amount", "PRICES", "refunded_minor", "fees"]
        assert [name for name in named if not names_money(name)] == []
        assert [name for name in ["tax_rate", "price_band", "minority"] if names_money(name)] == []


class TestCommit:
    @pytest.mark.parametrize(
        "path",
        [
            SERVICE,
            "src/kibble/services/order/service/place_order.py",
            "src/kibble/services/order/model/order.py",
        ],
    )
    def test_objects_to_a_commit_inside_what_decides(self, path: str) -> None:
        assert objections("await self._store.commit(changes)", path) == ["commit"]

    def test_objects_to_a_rollback_too(self) -> None:
        assert objections("connection.rollback()") == ["commit"]

    @pytest.mark.parametrize("path", [ADAPTER, PLATFORM, "src/kibble/services/order/saga.py"])
    def test_takes_a_commit_from_who_owns_the_transaction(self, path: str) -> None:
        assert objections("connection.commit()", path) == []


class TestBroadExcept:
    @pytest.mark.parametrize(
        "caught", ["", " Exception", " BaseException", " (KeyError, Exception)"]
    )
    def test_objects_to_catching_everything(self, caught: str) -> None:
        assert objections(f"try:\n    go()\nexcept{caught}:\n    stop()") == ["broad-except"]

    def test_takes_a_handler_that_raises_again(self) -> None:
        assert objections("try:\n    go()\nexcept BaseException:\n    undo()\n    raise") == []

    def test_takes_an_expected_error(self) -> None:
        assert objections("try:\n    go()\nexcept (KeyError, NotFound):\n    stop()") == []

    @pytest.mark.parametrize("edge", ["web/app.py", "messaging/consumer.py", "tasks.py"])
    def test_takes_everything_at_an_edge(self, edge: str) -> None:
        text = "try:\n    go()\nexcept Exception:\n    stop()"
        assert objections(text, f"src/kibble/platform/{edge}") == []


class TestSecretLog:
    @pytest.mark.parametrize(
        "text",
        [
            "_log.info('signed in', token=token)",
            "logger.debug(f'tried {password}')",
            "self._log.warning('bad', secret=settings.webhook)",
            "log.bind(user=user.id).info('x', value=user.access_token)",
            "log.error('x', extra={'header': request.authorization})",
            "logging.info('%s', stripe_api_key)",
        ],
    )
    def test_objects_to_a_secret_in_a_log_line(self, text: str) -> None:
        assert objections(text) == ["secret-log"]

    @pytest.mark.parametrize(
        "text",
        [
            "_log.info('token renewed', token_id=token_id)",
            "_log.info('password changed', customer=customer_id)",
            "dialog.show(password)",
            "catalog.info(token)",
        ],
    )
    def test_takes_a_log_line_without_one(self, text: str) -> None:
        assert objections(text) == []

    def test_knows_what_names_a_secret(self) -> None:
        assert names_secret("refreshToken")
        assert not names_secret("token_expires")


class TestAllowances:
    TEXT = "import time\nnow = time.time()  # {}"

    def test_honours_an_exception_with_a_reason(self) -> None:
        assert objections(self.TEXT.format("allow(clock): only for the log line")) == []

    def test_honours_it_beside_another_comment(self) -> None:
        assert objections(self.TEXT.format("noqa: X - y  # allow(clock): for the log")) == []

    @pytest.mark.parametrize("comment", ["allow(clock)", "allow(clock):", "allow(clock): "])
    def test_objects_to_an_exception_without_a_reason(self, comment: str) -> None:
        assert objections(self.TEXT.format(comment)) == ["suppression"]

    def test_objects_to_an_exception_of_another_rule(self) -> None:
        found = objections(self.TEXT.format("allow(money): why not"))
        assert sorted(found) == ["clock", "suppression"]

    def test_objects_to_an_exception_that_allows_nothing(self) -> None:
        assert objections("pass  # allow(clock): once it did") == ["suppression"]

    def test_reads_comments_only(self) -> None:
        assert objections("text = '# allow(clock): in a string'") == []


class TestMigrations:
    def names(self, folder: Path, *names: str) -> list[str]:
        """The messages about a service whose migrations have these names."""
        migrations = folder / "services" / "order" / "adapters" / "migrations"
        migrations.mkdir(parents=True)
        for name in names:
            (migrations / name).write_text("create table t (id text);")
        return [f"{finding.path.name} {finding.message}" for finding in check_folders([folder])]

    def test_takes_numbers_without_a_gap(self, tmp_path: Path) -> None:
        assert self.names(tmp_path, "0001_orders.sql", "0002_add_notes.sql") == []

    def test_objects_to_a_gap(self, tmp_path: Path) -> None:
        found = self.names(tmp_path, "0001_orders.sql", "0003_add_notes.sql")
        assert found == ["0003_add_notes.sql comes where 0002 should"]

    def test_objects_to_a_number_that_is_there_twice(self, tmp_path: Path) -> None:
        found = self.names(tmp_path, "0001_notes.sql", "0001_orders.sql")
        assert found == ["0001_orders.sql comes where 0002 should"]

    def test_objects_to_a_name_without_a_number(self, tmp_path: Path) -> None:
        found = self.names(tmp_path, "orders.sql")
        assert found == ["orders.sql is not named like 0001_what_it_does.sql"]

    def test_objects_to_a_gap_in_those_of_an_engine(self, tmp_path: Path) -> None:
        (tmp_path / "migrations" / "postgres").mkdir(parents=True)
        (tmp_path / "migrations" / "postgres" / "0002_orders.sql").write_text("")
        messages = [finding.message for finding in check_folders([tmp_path])]
        assert messages == ["comes where 0001 should"]


class TestCommandLine:
    def test_prints_where_and_why_and_fails(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "services" / "order" / "service.py"
        file.parent.mkdir(parents=True)
        file.write_text("\nprice = 1.5\n")
        assert main([str(tmp_path)]) == 1
        assert capsys.readouterr().out.startswith(f"{file}:2: money: an amount is set to a float")

    def test_says_nothing_when_all_is_well(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "fine.py").write_text("price = 150\n")
        assert main([str(tmp_path)]) == 0
        assert capsys.readouterr().out == ""


def test_splits_names_of_every_style_into_words() -> None:
    assert words("unitPrices_in2 HTTPAddress") == ["unit", "price", "in", "2", "http", "address"]
