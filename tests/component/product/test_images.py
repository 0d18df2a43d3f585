"""Pictures through HTTP: uploaded, made safe, served."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from tests.component.product.counter import Counter
from tests.fixtures.http import Answer

NOBODY = "01890000-0000-7000-8000-000000000000"
GPS = 0x8825


def picture(kind: str = "JPEG", size: tuple[int, int] = (900, 600), **options: object) -> bytes:
    buffer = io.BytesIO()
    mode = "RGB" if kind == "JPEG" else "RGBA"
    image = Image.new(mode, size, (200, 120, 40) if mode == "RGB" else (200, 120, 40, 128))
    image.save(buffer, kind, **options)
    return buffer.getvalue()


async def upload(
    counter: Counter, content: bytes, product_id: str, name: str = "dog.jpg"
) -> Answer:
    body = (
        b"--edge\r\ncontent-disposition: form-data; name=file; filename="
        + f'"{name}"'.encode()
        + b"\r\ncontent-type: image/jpeg\r\n\r\n"
        + content
        + b"\r\n--edge--\r\n"
    )
    headers = {"content-type": "multipart/form-data; boundary=edge"}
    return await counter.staff.send("POST", f"/api/products/{product_id}/images", body, headers)


def opened(answer: Answer) -> Image.Image:
    return Image.open(io.BytesIO(answer.body))


@pytest.mark.parametrize(
    ("kind", "kept"), [("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WEBP"), ("GIF", "PNG")]
)
async def test_are_shown_with_their_product_whole_and_in_smaller_sizes(
    counter: Counter, kind: str, kept: str
) -> None:
    made = await counter.add()
    answer = await upload(counter, picture(kind), made["id"])
    view = answer.json()
    assert (answer.status, answer.headers["location"]) == (201, view["url"])
    assert (view["width"], view["height"]) == (900, 600)
    assert (await counter.product(made["id"]))["images"] == [view["url"]]
    whole = await counter.anyone.get(view["url"])
    assert opened(whole).format == kept
    assert whole.headers["content-type"] == f"image/{kept.lower()}"
    assert whole.headers["cache-control"] == "public, max-age=31536000, immutable"
    sizes = {}
    for side, url in view["renditions"].items():
        small = await counter.anyone.get(url)
        assert small.headers["content-type"] == "image/webp"
        sizes[side] = opened(small).size
    assert sizes == {"200": (200, 133), "400": (400, 267), "800": (800, 533)}


async def test_lose_where_and_with_what_they_were_taken(counter: Counter) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    exif.get_ifd(GPS)[2] = (42.0, 21.0, 0.0)
    exif[0x0112] = 6  # lies on its side
    made = await counter.add()
    view = (await upload(counter, picture(exif=exif, comment=b"SECRET"), made["id"])).json()
    whole = await counter.anyone.get(view["url"])
    assert b"SECRET" not in whole.body
    assert not opened(whole).getexif()
    assert (view["width"], view["height"]) == (600, 900)


async def test_carry_nothing_behind_their_end(counter: Counter) -> None:
    made = await counter.add()
    polyglot = picture() + b"<script>alert(1)</script>PK\x03\x04"
    view = (await upload(counter, polyglot, made["id"])).json()
    assert b"script" not in (await counter.anyone.get(view["url"])).body


async def test_are_kept_once_however_often_they_come(counter: Counter) -> None:
    made = await counter.add()
    first = await upload(counter, picture(), made["id"])
    second = await upload(counter, picture(), made["id"])
    assert (second.status, second.json()) == (201, first.json())
    assert len((await counter.product(made["id"]))["images"]) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        picture()[:300],
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%PDF-1.4",
        b"BM" + b"\0" * 200,
        picture("TIFF"),
    ],
)
async def test_must_be_pictures_whatever_their_name(counter: Counter, content: bytes) -> None:
    made = await counter.add()
    answer = await upload(counter, content, made["id"])
    assert (answer.status, answer.json()["code"]) == (415, "unsupported-media-type")
    assert (await counter.product(made["id"]))["images"] == []


def bomb(width: int, height: int) -> bytes:
    """A small PNG file that claims to be very large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1_000_000)
    magic = b"\x89PNG\r\n\x1a\n"
    return magic + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [5_001, 10_000, 50_000])
async def test_may_have_a_bearable_number_of_pixels(counter: Counter, side: int) -> None:
    made = await counter.add()
    answer = await upload(counter, bomb(side, side), made["id"])
    assert (answer.status, answer.json()["code"]) == (413, "too-large")


async def test_may_have_ten_megabytes(counter: Counter) -> None:
    made = await counter.add()
    for size in ((10 << 20) + 1, 11 << 20):
        assert (await upload(counter, b"x" * size, made["id"])).status == 413


async def test_need_a_form_with_a_file(counter: Counter) -> None:
    made = await counter.add()
    url = f"/api/products/{made['id']}/images"
    form = {"content-type": "multipart/form-data; boundary=edge"}
    empty = await counter.staff.send("POST", url, b"--edge--\r\n", form)
    assert (empty.status, empty.pointers()) == (400, {"/file"})
    for headers, body in (
        (form, b"nonsense"),
        ({"content-type": "multipart/form-data"}, b"--edge--\r\n"),
    ):
        assert (await counter.staff.send("POST", url, body, headers)).status == 400
    raw = await counter.staff.send("POST", url, picture(), {"content-type": "image/jpeg"})
    assert raw.status == 415


@pytest.mark.parametrize("charset", ["nonsense", "utf-16", "\\x00"])
async def test_come_in_forms_of_any_charset(counter: Counter, charset: str) -> None:
    made = await counter.add()
    url = f"/api/products/{made['id']}/images"
    body = (
        b"--edge\r\ncontent-disposition: form-data; name=a\r\n\r\n\xff\xfe\r\n"
        b"--edge\r\ncontent-disposition: form-data; name=file; filename=\xff.jpg\r\n\r\n"
        + picture()
        + b"\r\n--edge--\r\n"
    )
    form = {"content-type": f"multipart/form-data; boundary=edge; charset={charset}"}
    assert (await counter.staff.send("POST", url, body, form)).status == 201


async def test_belong_to_a_product_that_exists(counter: Counter) -> None:
    assert (await upload(counter, picture(), NOBODY)).status == 404


async def test_are_added_by_staff_alone(counter: Counter) -> None:
    made = await counter.add()
    url = f"/api/products/{made['id']}/images"
    form = {"content-type": "multipart/form-data; boundary=edge"}
    assert (await counter.anyone.send("POST", url, b"--edge--", form)).status == 401


@pytest.mark.parametrize(
    "name", ["nothing.jpg", "..%2f..%2fproduct.db", "../product.db", "%00.png", "a" * 300]
)
async def test_are_served_from_their_folder_alone(counter: Counter, name: str) -> None:
    assert (await counter.anyone.get(f"/images/{name}")).status == 404


async def test_of_our_own_making_are_kept_as_they_are(counter: Counter) -> None:
    url = await counter.client.put_image("kibble-1.png", picture("PNG"))
    assert (await counter.anyone.get(url)).body == picture("PNG")
    with pytest.raises(ValueError, match="not the name"):
        await counter.client.put_image("../x.png", b"")
