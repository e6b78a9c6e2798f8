"""A request as a chat: the messages that a chat template takes."""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expert_models.llm.choice import ModelChoice
from expert_models.llm.inprocess.control_tokens import Harmless
from schemas.exchange import Request, SentImage

if TYPE_CHECKING:
    from PIL.Image import Image as Picture


def chat_of(request: Request, harmless: Harmless, *, sees: bool) -> list[dict[str, Any]]:
    """Messages for a chat template, their pictures decoded. Raises OSError where one cannot be.

    sees: content as a list of picture and text parts; else a bare string, which is all that templates
    of text models take (such a request must hold no picture).
    """
    chat: list[dict[str, Any]] = []
    for message in request.messages:
        text = harmless(message.text)
        if sees:
            pictures = [{"type": "image", "image": picture_of(i)} for i in message.images]
            chat.append(
                {"role": message.role, "content": [*pictures, {"type": "text", "text": text}]}
            )
        else:
            chat.append({"role": message.role, "content": text})
    return chat


def picture_of(image: SentImage) -> "Picture":
    """The sent copy, decoded: RGB. Raises OSError where it cannot be."""
    from PIL import Image

    with Image.open(BytesIO(image.data)) as opened:
        return opened.convert("RGB")


def reject_unseen_pictures(choice: ModelChoice, asked: Iterable[tuple[str, Request]]) -> None:
    """Raises ValueError where a picture would go to a text model (`images: false`)."""
    for _, request in asked:
        if not choice.images and any(m.images for m in request.messages):
            raise ValueError(f"{request.purpose}: pictures for {choice.model!r}, which takes none")


def template_of(template: str | None) -> str | None:
    """The recipe's chat template (`engine.chat_template`): itself, or read from a .jinja file."""
    if template and template.endswith(".jinja"):
        return Path(template).read_text("utf-8")
    return template
