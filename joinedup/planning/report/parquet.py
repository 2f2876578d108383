"""Tables as Parquet, written by hand: one row group, plain pages, no compression.

Three kinds of column (whole numbers, numbers, text) need so little of the format (Apache Parquet
2.9, Thrift compact protocol) that a library for it would be forty times the size of joinedup.
"""

import struct
from collections.abc import Sequence

from joinedup.planning.report.tables import Table

__all__ = ["as_parquet"]

MAGIC = b"PAR1"
INT64, DOUBLE, BYTE_ARRAY = 2, 5, 6
PLAIN, RLE, DATA_PAGE, REQUIRED, UTF8, UNCOMPRESSED = 0, 3, 0, 0, 0, 0
T_I32, T_I64, T_BINARY, T_LIST, T_STRUCT = 5, 6, 8, 9, 12


def as_parquet(table: Table) -> bytes:
    """Return a table as a Parquet file; every column is of one kind throughout."""
    names, rows = table
    out = bytearray(MAGIC)
    chunks = []
    for i, name in enumerate(names):
        kind, data = _plain([row[i] for row in rows])
        header = _struct(
            (1, T_I32, _zigzag(DATA_PAGE)),
            (2, T_I32, _zigzag(len(data))),
            (3, T_I32, _zigzag(len(data))),
            (5, T_STRUCT, _page(len(rows))),
        )
        start = len(out)
        out += header + data
        chunks.append((name, kind, start, len(out) - start))
    footer = _footer(chunks, len(rows))
    return bytes(out + footer + struct.pack("<I", len(footer)) + MAGIC)


def _plain(values: Sequence[str | float | int]) -> tuple[int, bytes]:
    """Return the kind of a column and its values in the plain encoding."""
    if all(isinstance(value, int) for value in values):
        return INT64, b"".join(struct.pack("<q", value) for value in values)
    if all(isinstance(value, int | float) for value in values):
        return DOUBLE, b"".join(struct.pack("<d", value) for value in values)
    texts = [str(value).encode() for value in values]
    return BYTE_ARRAY, b"".join(struct.pack("<I", len(text)) + text for text in texts)


def _page(rows: int) -> bytes:
    return _struct(
        (1, T_I32, _zigzag(rows)),
        (2, T_I32, _zigzag(PLAIN)),
        (3, T_I32, _zigzag(RLE)),
        (4, T_I32, _zigzag(RLE)),
    )


def _footer(chunks: Sequence[tuple[str, int, int, int]], rows: int) -> bytes:
    root = _struct((4, T_BINARY, _text("table")), (5, T_I32, _zigzag(len(chunks))))
    schema = [root, *(_element(name, kind) for name, kind, _, _ in chunks)]
    columns = [_chunk(name, kind, start, size, rows) for name, kind, start, size in chunks]
    group = _struct(
        (1, T_LIST, _list(columns)),
        (2, T_I64, _zigzag(sum(size for *_, size in chunks))),
        (3, T_I64, _zigzag(rows)),
    )
    return _struct(
        (1, T_I32, _zigzag(1)),
        (2, T_LIST, _list(schema)),
        (3, T_I64, _zigzag(rows)),
        (4, T_LIST, _list([group])),
        (6, T_BINARY, _text("joinedup")),
    )


def _element(name: str, kind: int) -> bytes:
    fields = [
        (1, T_I32, _zigzag(kind)),
        (3, T_I32, _zigzag(REQUIRED)),
        (4, T_BINARY, _text(name)),
    ]
    if kind == BYTE_ARRAY:
        fields.append((6, T_I32, _zigzag(UTF8)))
    return _struct(*fields)


def _chunk(name: str, kind: int, start: int, size: int, rows: int) -> bytes:
    encodings = bytes([(2 << 4) | T_I32]) + _zigzag(PLAIN) + _zigzag(RLE)
    path = bytes([(1 << 4) | T_BINARY]) + _text(name)
    meta = _struct(
        (1, T_I32, _zigzag(kind)),
        (2, T_LIST, encodings),
        (3, T_LIST, path),
        (4, T_I32, _zigzag(UNCOMPRESSED)),
        (5, T_I64, _zigzag(rows)),
        (6, T_I64, _zigzag(size)),
        (7, T_I64, _zigzag(size)),
        (9, T_I64, _zigzag(start)),
    )
    return _struct((2, T_I64, _zigzag(start)), (3, T_STRUCT, meta))


def _struct(*fields: tuple[int, int, bytes]) -> bytes:
    """Return a Thrift struct: each field's step from the one before, its kind, its value."""
    out, before = bytearray(), 0
    for number, kind, value in fields:
        out += bytes([((number - before) << 4) | kind]) + value
        before = number
    return bytes(out + b"\0")


def _list(items: Sequence[bytes]) -> bytes:
    head = [(len(items) << 4) | T_STRUCT] if len(items) < 15 else [0xF0 | T_STRUCT]
    size = b"" if len(items) < 15 else _varint(len(items))
    return bytes(head) + size + b"".join(items)


def _text(text: str) -> bytes:
    data = text.encode()
    return _varint(len(data)) + data


def _zigzag(value: int) -> bytes:
    return _varint((value << 1) ^ (value >> 63))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
