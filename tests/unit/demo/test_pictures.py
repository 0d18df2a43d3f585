"""The demo shop's pictures: every kind draws, differs from the others, and is quick."""

from __future__ import annotations

import io
import time
from collections import defaultdict

import pytest
from PIL import Image, ImageChops, ImageStat

from kibble.runtime.demo.catalogue import load_bundles, load_configurables, load_products
from kibble.runtime.demo.pictures import KINDS, MASTER_SIZE, PictureSpec, draw, render
from kibble.runtime.demo.pictures.emblems import EMBLEMS
from kibble.runtime.demo.pictures.motifs import MOTIFS
from kibble.runtime.demo.pictures.palette import ACCENTS, BRANDS, PAPER
from kibble.runtime.demo.pictures.signs import SIGNS

PICTURES = list(
    dict.fromkeys(
        [item.picture for item in load_products()]
        + [item.picture for item in load_configurables()]
        + [item.picture for item in load_bundles()]
    )
)
SMALL = 100


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return how far apart two pictures are: 0 the same, 255 black and white."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


@pytest.mark.parametrize("kind", KINDS)
def test_draws_every_kind_well_inside_a_light_frame(kind: str) -> None:
    picture = draw(PictureSpec(kind, "barrow-oat", "dog", "chicken"), SMALL)
    assert picture.size == (SMALL, SMALL)
    assert picture.mode == "RGB"
    rim = [picture.getpixel(spot) for spot in ((0, 0), (99, 0), (0, 99), (99, 99))]
    assert rim == [PAPER] * 4
    assert max(ImageStat.Stat(picture).stddev) > 10


def test_uses_every_kind() -> None:
    assert {picture.kind for picture in PICTURES} == set(KINDS)


@pytest.mark.parametrize("brand", BRANDS)
def test_draws_every_brand(brand: str) -> None:
    assert BRANDS[brand].emblem in EMBLEMS
    assert draw(PictureSpec("bag", brand), SMALL).size == (SMALL, SMALL)


@pytest.mark.parametrize("motif", MOTIFS)
def test_shows_the_animal_on_the_label(motif: str) -> None:
    with_animal = draw(PictureSpec("bag", "norrvik", motif), SMALL)
    assert difference(with_animal, draw(PictureSpec("bag", "norrvik"), SMALL)) > 0.5


def test_has_a_sign_for_every_flavour() -> None:
    signs = {sign for _, sign in ACCENTS.values() if sign}
    assert signs <= {*SIGNS, *MOTIFS}


def test_tells_kinds_apart() -> None:
    seen = [(kind, draw(PictureSpec(kind, "norrvik", "cat", "salmon"), 48)) for kind in KINDS]
    for index, (kind, picture) in enumerate(seen):
        for other_kind, other in seen[:index]:
            assert difference(picture, other) > 2, (kind, other_kind)


def test_tells_brands_and_flavours_of_one_kind_apart() -> None:
    by_kind: dict[str, list[tuple[PictureSpec, Image.Image]]] = defaultdict(list)
    for spec in PICTURES:
        picture = draw(spec, 64)
        for other_spec, other in by_kind[spec.kind]:
            assert difference(picture, other) > 0.05, (spec, other_spec)
        by_kind[spec.kind].append((spec, picture))


def test_draws_the_same_picture_again() -> None:
    spec = PictureSpec("aquarium", "lumenreef", "fish", "coral")
    assert render(spec) == render(spec)


def test_renders_a_webp_of_the_master_size() -> None:
    file = render(PictureSpec("can", "marlowes-pantry", "dog", "lamb"))
    with Image.open(io.BytesIO(file)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (MASTER_SIZE, MASTER_SIZE))
    assert len(file) < 40_000


def test_renders_smaller_when_asked() -> None:
    with Image.open(io.BytesIO(render(PictureSpec("ball", "rumpus-yard"), 200))) as picture:
        assert picture.size == (200, 200)


@pytest.mark.parametrize(
    "spec",
    [
        PictureSpec("spaceship", "norrvik"),
        PictureSpec("bag", "nobody"),
        PictureSpec("bag", "norrvik", accent="plutonium"),
    ],
)
def test_refuses_what_it_does_not_know(spec: PictureSpec) -> None:
    with pytest.raises(KeyError):
        draw(spec, SMALL)


def test_costs_little_cpu() -> None:
    sample = PICTURES[::30]
    start = time.process_time()
    for spec in sample:
        render(spec)
    assert (time.process_time() - start) / len(sample) < 0.1
