"""HTML that is made of elements: a text is never taken for markup, and shows each control character as an escape."""

from typing import Final
from xml.etree import ElementTree as ET

from iamsync.core.inert import visible

Element = ET.Element
"""An element of a page."""

Content = Element | str

_MOST: Final = 2_000
"""Characters of one text that are shown."""


def element(tag: str, /, *contents: Content, **attributes: str) -> Element:
    """An element with texts and elements in it. A trailing underscore of an attribute is dropped: `class_`."""
    found = ET.Element(tag, {key.rstrip("_").replace("_", "-"): visible(value) for key, value in attributes.items()})
    last: Element | None = None
    for one in contents:
        if isinstance(one, str):
            text = shown(one)
            if last is None:
                found.text = (found.text or "") + text
            else:
                last.tail = (last.tail or "") + text
        else:
            found.append(one)
            last = one
    return found


def shown(text: str) -> str:
    """A text from anywhere as it is shown; what is too long ends in three dots."""
    return visible(text if len(text) <= _MOST else f"{text[:_MOST]}...")


def document(root: Element) -> str:
    """A whole page."""
    return f"<!doctype html>\n{ET.tostring(root, encoding='unicode', method='html')}\n"
