"""Turn the PNG pictures below a folder into WebP: ``python -m tools.webp FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

QUALITY = 80


def main(folder: Path) -> None:
    """Write NAME.webp beside every NAME.png, and remove that."""
    for path in sorted(folder.rglob("*.png")):
        with Image.open(path) as picture:
            picture.save(path.with_suffix(".webp"), quality=QUALITY, method=6)
        path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
