"""Requests with anything in them: any text, any number, in any field, and bytes that are no request at all."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import strategies as st

_LIKELY = st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "a" * 20_001,
        "stockholm_00000000000000000000000000",
        "tokyo_7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        "stockholm_8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        "memory:0",
        "memory:9223372036854775807",
        "memory:9223372036854775808",
        "memory:-1",
        "other:1",
        ":",
        "❤️",
        "' or 1 = 1 --",
    ]
)
_TEXTS = _LIKELY | st.text(max_size=40)
_NUMBERS = {
    FieldDescriptor.TYPE_UINT32: st.sampled_from([0, 1, 100, 101, 2**32 - 1]) | st.integers(0, 2**32 - 1),
    FieldDescriptor.TYPE_ENUM: st.integers(0, 4) | st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_INT64: st.sampled_from([-(2**63), -1, 0, 2**63 - 1]) | st.integers(-(2**63), 2**63 - 1),
}


def anything_in(kind: type[Message], *likely: str) -> st.SearchStrategy[Any]:
    """Return requests of ``kind`` with anything in their fields, now and then one of the ``likely`` texts."""
    texts = _TEXTS | st.sampled_from(likely) if likely else _TEXTS
    return _fields(kind.DESCRIPTOR, texts).map(lambda fields: kind(**fields))


def _fields(descriptor: Any, texts: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={field.name: _value(field, texts) for field in descriptor.fields})


def _value(field: Any, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    if field.is_repeated:
        return st.lists(_one(field, texts), max_size=3)
    return _one(field, texts)


def _one(field: Any, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    if field.type == FieldDescriptor.TYPE_STRING:
        return texts
    if field.type == FieldDescriptor.TYPE_BOOL:
        return st.booleans()
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return _fields(field.message_type, texts)
    return _NUMBERS[field.type]
