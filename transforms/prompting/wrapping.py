"""What models put round the JSON they were asked for, and nothing else, is taken off."""

import re

_THINK = re.compile(r"\A(?:<think>)?.*?</think>", re.DOTALL)
_TAG = re.compile(
    r"\A(?:<answer>(?P<answer>.*)</answer>|<\|begin_of_box\|>(?P<box>.*)<\|end_of_box\|>)\Z",
    re.DOTALL,
)
_CODE = re.compile(r"\A```(?:json|JSON)?[ \t]*\n(?P<inner>.*?)\n?[ \t]*```\Z", re.DOTALL)


def unwrapped(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without one leading think block, one answer tag and one code fence, in this order.

    Returns it with the names of what was taken off. Reasoning models open their think block in the
    prompt and close it in the answer; GLM-4.5V boxes its answer. Text beside the wrapping stays, so
    that it is refused as no JSON rather than searched for some.
    """
    text, off = text.strip(), []
    if not text.startswith(("{", "```")) and (think := _THINK.match(text)):
        text, off = text[think.end() :].strip(), ["think block"]
    if tag := _TAG.match(text):
        text = (tag["answer"] if tag["answer"] is not None else tag["box"]).strip()
        off.append("answer tag")
    if code := _CODE.match(text):
        text = code["inner"].strip()
        off.append("code fence")
    return text, tuple(off)
