"""Search through the gateway: filters, sorts, pages, facets, completion, and hostile text."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest

from tests.fixtures.eventually import eventually
from tests.fixtures.http import Answer
from tests.fixtures.shopping import Json, Shop

SHELF = [
    ("Adult chicken dinner", 12.5, "Paw", "Chicken", ["wet"]),
    ("Puppy lamb dinner", 7.25, "Paw", "Lamb", ["wet", "puppy"]),
    ("Senior salmon kibble", 40.0, "Mill", "Salmon", ["dry"]),
    ("Beef jerky treat", 7.25, "Mill", "Beef", []),
    ("Zesty duck biscuit", 99.99, "Orchard", "Duck", ["dry"]),
]


class Shelf:
    """Five products that share a word of their own, which keeps other tests' products out."""

    def __init__(self, shop: Shop, word: str, ids: dict[str, str]) -> None:
        self.shop = shop
        self.word = word
        self.ids = ids

    async def ask(self, path: str = "", **parameters: object) -> Answer:
        query = urlencode({"q": self.word, **parameters})
        return await self.shop.nobody.get(f"/api/products/search{path}?{query}")

    async def names(self, **parameters: object) -> list[str]:
        """Return the first words of the names found."""
        answer = await self.ask("", **parameters)
        assert answer.status == 200, answer
        return [product["name"].split()[0] for product in answer.json()]


@pytest.fixture
async def shelf(shop: Shop) -> Shelf:
    word = shop.word("zq")
    category = f"Dinners {word}"
    ids = {}
    for name, price, brand, flavour, tags in SHELF:
        product = await shop.product(
            stock=0 if flavour == "Duck" else 5,
            name=f"{name} {word}",
            price=price,
            category=category,
            tags=tags,
            attributes={"brand": f"{brand} {word}", "flavour": flavour, "lifeStage": "Adult"},
        )
        ids[name.split()[0]] = product["id"]
    shelf = Shelf(shop, word, ids)

    async def found() -> list[int]:
        return [product["stock"] for product in (await shelf.ask()).json()]

    await eventually(found, until=lambda stock: sorted(stock) == [0, 5, 5, 5, 5])
    return shelf


async def test_answers_an_array_of_whole_products(shelf: Shelf) -> None:
    found = (await shelf.ask()).json()
    assert len(found) == 5
    duck = next(product for product in found if product["price"] == 99.99)
    page = (await shelf.shop.nobody.get(f"/api/products/{duck['id']}")).json()
    assert {name: page[name] for name in duck} == duck
    assert (duck["stock"], duck["attributes"]["flavour"]) == (0, "Duck")


async def test_sorts(shelf: Shelf) -> None:
    ascending = ["Puppy", "Beef", "Adult", "Senior", "Zesty"]
    by_price = await shelf.names(sort="price")
    assert {by_price[0], by_price[1]} == {"Puppy", "Beef"}
    assert by_price[2:] == ascending[2:]
    assert (await shelf.names(sort="-price"))[:3] == ["Zesty", "Senior", "Adult"]
    assert await shelf.names(sort="name") == ["Adult", "Beef", "Puppy", "Senior", "Zesty"]
    assert await shelf.names(sort="newest") == [name.split()[0] for name, *_ in SHELF][::-1]
    for sort in ("relevance", "popularity", "rating"):
        assert set(await shelf.names(sort=sort)) == set(ascending)


async def test_sorts_by_what_sold_and_what_was_liked(shelf: Shelf) -> None:
    shop = shelf.shop
    beef = (await shop.nobody.get(f"/api/products/{shelf.ids['Beef']}")).json()
    await shop.paid(shop.buyer(), (beef, 3))
    path = f"/api/products/{shelf.ids['Senior']}/reviews"
    assert (
        await shop.buyer().live.post(path, {"rating": 5, "title": "", "text": ""})
    ).status == 201

    async def best(sort: str) -> str:
        return (await shelf.names(sort=sort))[0]

    await eventually(lambda: best("popularity"), until=lambda name: name == "Beef")
    await eventually(lambda: best("rating"), until=lambda name: name == "Senior")


async def test_filters(shelf: Shelf) -> None:
    word = shelf.word

    async def found(**parameters: object) -> set[str]:
        return set(await shelf.names(**parameters))

    assert await found(priceMin=7.25, priceMax=12.5) == {"Adult", "Puppy", "Beef"}
    assert await found(priceMin="7.26") == {"Adult", "Senior", "Zesty"}
    assert await found(brand=f"Paw {word}") == {"Adult", "Puppy"}
    assert await found(tag="dry") == {"Senior", "Zesty"}
    assert await found(**{"attr.flavour": "Lamb"}) == {"Puppy"}
    assert await found(**{"attr.flavour": "Lamb", "priceMin": 8}) == set()
    assert await found(inStock="true") == {"Adult", "Puppy", "Senior", "Beef"}
    assert len(await found(category=f"dinners {word}")) == 5
    assert await found(category="No such category") == set()


async def test_several_values_of_a_filter_mean_any_of_them(shelf: Shelf) -> None:
    query = f"q={shelf.word}&attr.flavour=Lamb&attr.flavour=Duck"
    answer = await shelf.shop.nobody.get(f"/api/products/search?{query}")
    assert {product["name"].split()[0] for product in answer.json()} == {"Puppy", "Zesty"}


@pytest.mark.parametrize("sort", ["relevance", "price", "-price", "name", "newest"])
async def test_pages_show_every_product_once(shelf: Shelf, sort: str) -> None:
    seen: list[str] = []
    path = f"/api/products/search?q={shelf.word}&sort={sort}&limit=2"
    for _ in range(3):
        answer = await shelf.shop.nobody.get(path)
        assert answer.status == 200
        seen += [product["id"] for product in answer.json()]
        link = answer.headers.get("link", "")
        path = link.partition("<")[2].partition(">")[0]
    assert path == ""
    assert sorted(seen) == sorted(shelf.ids.values())
    assert len(seen) == 5


async def test_words_match_stemmed_mistyped_and_any(shelf: Shelf) -> None:
    async def first(q: str) -> str:
        answer = await shelf.shop.nobody.get(f"/api/products/search?q={quote(q)}")
        names = [product["name"] for product in answer.json() if shelf.word in product["name"]]
        return names[0].split()[0] if names else ""

    assert await first(f"dinners chicken {shelf.word}") == "Adult"
    assert await first(f"salmn {shelf.word}") == "Senior"
    assert await first(f"{shelf.word} puppies") == "Puppy"
    assert await first(f"{shelf.word.upper()} DUCK") == "Zesty"


@pytest.mark.parametrize(
    "query",
    [
        "priceMin=5&priceMax=4.99",
        "priceMin=-1",
        "priceMax=-0.01",
        "priceMin=cheap",
        "priceMin=",
        "priceMin=1e999",
        "priceMin=NaN",
        "priceMin=Infinity",
        "priceMax=1.999",
        "sort=cheapest",
        "sort=",
        "sort=price;drop",
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=ten",
        "limit=1.5",
        "limit=99999999999999999999999",
        "cursor=nonsense",
        "cursor=%00",
        "inStock=perhaps",
    ],
)
async def test_refuses_what_cannot_be_asked(shop: Shop, query: str) -> None:
    answer = await shop.nobody.get(f"/api/products/search?{query}")
    assert answer.status == 400, answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.pointers()


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE products; --",
        '" OR 1=1 --',
        "name:* AND price:[0 TO *]",
        "*:*",
        "dog~2^9 +cat -fish (",
        "a AND (b OR",
        '[}{]\\/"',
        '{"$gt": ""}',
        "<script>alert(1)</script>",
        "${jndi:ldap://x}",
        "../../etc/passwd",
        "\x00",
        "dog\x00food",
        "\r\nX-Injected: 1",
        "\ud7ff\uffff\U0010ffff",
        "שלום كلب 犬 🐶",
        "a" * 5_000,
        "dog " * 1_000,
        "%",
        "_",
        "",
        "   ",
        "\u202e",
    ],
)
async def test_hostile_text_is_only_text(shop: Shop, text: str) -> None:
    for path in ("", "/facets", "/suggest"):
        answer = await shop.nobody.get(
            f"/api/products/search{path}?q={quote(text, errors='surrogatepass')}"
        )
        assert answer.status in (200, 400), (path, answer)
        assert "x-injected" not in answer.headers
        if answer.status == 400:
            assert len(text) > 1_000, "only a text that is too long may be refused"


@pytest.mark.parametrize("query", ["q=%ff%fe", "q=%", "q=%zz", "q", "=x", "&&&", "q=a&q=b"])
async def test_a_query_that_is_spelled_badly_is_answered(shop: Shop, query: str) -> None:
    answer = await shop.nobody.get(f"/api/products/search?{query}")
    assert answer.status in (200, 400)


class TestFacets:
    """What a search can be narrowed down to."""

    async def test_counts_add_up(self, shelf: Shelf) -> None:
        facets = (await shelf.ask("/facets")).json()
        word = shelf.word

        def counts(rows: list[Json]) -> dict[str, int]:
            return {row["value"]: row["count"] for row in rows}

        assert counts(facets["categories"]) == {f"Dinners {word}": 5}
        assert counts(facets["brands"]) == {
            f"Paw {word}": 2,
            f"Mill {word}": 2,
            f"Orchard {word}": 1,
        }
        assert counts(facets["attributes"]["flavour"])["Lamb"] == 1
        assert sum(row["count"] for row in facets["prices"]) == 5
        assert sum(row["count"] for row in facets["popularity"]) == 5
        (low, *_, high) = facets["prices"]
        assert (low["min"], low["max"], low["count"]) == (0.0, 10.0, 2)
        assert (high["min"], high["count"]) == (50.0, 1)

    async def test_filters_narrow_all_but_their_own_facet(self, shelf: Shelf) -> None:
        facets = (await shelf.ask("/facets", brand=f"Paw {shelf.word}")).json()
        assert len(facets["brands"]) == 3
        flavours = {row["value"] for row in facets["attributes"]["flavour"]}
        assert flavours == {"Chicken", "Lamb"}

    async def test_refuses_what_search_refuses(self, shop: Shop) -> None:
        for query in ("priceMin=5&priceMax=1", "priceMin=x", "sort=x"):
            assert (await shop.nobody.get(f"/api/products/search/facets?{query}")).status == 400


class TestSuggestions:
    """Completion while typing."""

    async def test_completes_the_beginning_of_a_word(self, shelf: Shelf) -> None:
        answer = await shelf.shop.nobody.get(
            f"/api/products/search/suggest?q={quote('senior salmon ' + shelf.word[:8])}"
        )
        assert answer.status == 200
        assert shelf.ids["Senior"] in [row.get("productId") for row in answer.json()]

    async def test_forgives_a_typo(self, shelf: Shelf) -> None:
        word = shelf.word
        mistyped = word[:4] + ("b" if word[4] != "b" else "c") + word[5:]
        answer = await shelf.shop.nobody.get(f"/api/products/search/suggest?q={mistyped}")
        assert any(word in row["text"] for row in answer.json())
