"""What the tests ask of tiny models: requests made on the spot, the same in every process."""

import hashlib
from io import BytesIO
from typing import Any

from PIL import Image

from schemas.exchange import Message, Request, Sampling, SentImage, request_key

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "code": {"enum": ["k7"]},
        "verdict": {"enum": ["supported", "contradicted", "undecided"]},
        "regions": {"type": "array", "items": {"enum": ["R1", "R2"]}, "maxItems": 2},
        "quote": {"type": "string", "maxLength": 6},
    },
    "required": ["code", "verdict", "regions", "quote"],
    "additionalProperties": False,
}


def picture(grey: int, width: int = 64, height: int = 48) -> SentImage:
    """A grey square on black, as PNG."""
    drawn = Image.new("RGB", (width, height))
    drawn.paste((grey, grey, grey), (width // 4, height // 4, width // 2, height // 2))
    file = BytesIO()
    drawn.save(file, "PNG")
    data = file.getvalue()
    return SentImage(data, hashlib.sha256(data).hexdigest(), width, height)


def question(text: str, *images: SentImage, **fields: Any) -> Request:
    """One request with a system message; a test names only the fields it is about."""
    messages = (Message("system", "Answer as JSON."), Message("user", text, images))
    return Request(**({"purpose": "judge", "subject": "img-1", "messages": messages} | fields))


def keyed(*requests: Request) -> list[tuple[str, Request]]:
    return [(request_key("tiny", "1", request), request) for request in requests]


def several(*, pictures: bool) -> list[tuple[str, Request]]:
    """Ten requests that differ in length, pictures, schema, and in how the answer is drawn."""
    asked = []
    for n in range(10):
        images = [picture(20 * n + i, 40 + 9 * n) for i in range(n % 3)] if pictures else []
        drawn = Sampling(temperature=0.8 * (n % 4 == 3), top_p=0.9, max_tokens=16 + 8 * n, seed=n)
        schema = SCHEMA if n % 2 else None
        asked.append(question(f"Item {n}: " + "lung " * n, *images, sampling=drawn, schema=schema))
    return keyed(*asked)


TOO_LONG = "x " * 3000
