"""Code 128 barcodes (ISO/IEC 15417), code set B."""

from __future__ import annotations

_WIDTHS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 "
    "112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 "
    "311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 "
    "112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 "
    "314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 "
    "122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 "
    "124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
).split()
"""Widths of bar, space, bar, ... of each symbol, in modules; the last is the stop."""

_START_B = 104
_STOP = 106
_FIRST_CHARACTER = 32
_MODULUS = 103


def code128(text: str) -> list[int]:
    """Return the widths of bars and spaces in turn, in modules, without the quiet zones.

    ``text`` is printable ASCII; raises ``ValueError`` for any other.
    """
    if not (text.isascii() and text.isprintable()):
        raise ValueError("Code 128 B takes printable ASCII")
    values = [ord(character) - _FIRST_CHARACTER for character in text]
    check = (_START_B + sum(n * value for n, value in enumerate(values, 1))) % _MODULUS
    return [int(width) for value in (_START_B, *values, check, _STOP) for width in _WIDTHS[value]]
