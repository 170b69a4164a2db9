"""Pictures in written answers: decoded, made small enough to look at, and encoded again as nothing but a picture."""

import base64
import binascii
import io
import warnings
from collections.abc import Mapping

from PIL import Image, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
MAX_PIXELS = 24_000_000  # of a picture that is handed in
SIDE = 1600  # pixels of one that is shown
BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, MemoryError)


def safe_attachments(pictures: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return pictures as a cell's attachments, without those that are none or too large.

    Parameters
    ----------
    pictures : dict
        Base64 by name, as it was handed in.
    """
    safe = {name: safe_picture(content) for name, content in pictures.items()}
    return {name: picture for name, picture in safe.items() if picture}


def safe_picture(content: str) -> dict[str, str] | None:
    """Return a picture by its media type, None if it is no picture or too large to be decoded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(base64.b64decode(content)), formats=FORMATS)
            if image.width * image.height > MAX_PIXELS:
                return None
            image.thumbnail((SIDE, SIDE))
            image = image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB")
    except (*BROKEN, binascii.Error):
        return None
    drawn = io.BytesIO()
    photograph = image.mode == "RGB" and len(content) > 400_000
    image.save(drawn, "JPEG" if photograph else "PNG")
    kind = "image/jpeg" if photograph else "image/png"
    return {kind: base64.b64encode(drawn.getvalue()).decode()}
