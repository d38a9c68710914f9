"""Replies that no LedgerMod makes: wrong types, wrong sizes, other formats, no record at all."""

from __future__ import annotations

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict
from world import drawn_update, failure, ledger_reply


def content(record=None, arrays=None):
    """A reply of any form."""
    records = {"arrays": arrays or ArrayRecord(), "metrics": MetricRecord({"num-examples": 1})}
    if record is not None:
        records["ledger"] = ConfigRecord(record)
    return lambda message: Message(RecordDict(records), reply_to=message)


def raw(data):
    """An array of the right type and shape, whatever its bytes are."""
    return Array("int16", (24,), "numpy.ndarray", data)


HUGE = b"{'descr': '<i2', 'fortran_order': False, 'shape': (99999999999,), }"


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("too few lanes", Array(np.zeros(23, np.int16))),
        ("too many lanes", Array(np.zeros(25, np.int16))),
        ("other width", Array(np.zeros(24, np.int32))),
        ("shape that lies about its bytes", raw(b"\x93NUMPY")),
        ("bytes that lie about their size", raw(b"\x93NUMPY\x01\x00\x76\x00" + HUGE + b" " * 51)),
        ("archive in place of an array", raw(b"PK\x03\x04" + b"0" * 60)),
        ("pickle in place of an array", raw(b"\x80\x04cos\nsystem\n")),
        ("more bytes than lanes take", raw(Array(drawn_update(2, 1)).data + b"\0" * 10**6)),
        ("other byte order", Array(np.zeros(24, ">i2"))),
    ],
)
def test_array_that_is_not_what_it_says(left_out, name, array):
    def lie(message):
        reply = ledger_reply(message, 2, drawn_update(2, 1))
        reply.content["arrays"] = ArrayRecord({"update": array})
        return reply

    assert left_out(lie) == ([0, 1], [(2, "lanes-mismatch")]), name


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"seat": -1}, "ledger-record-invalid"),
        ({"seat": 2**32}, "ledger-record-invalid"),
        ({"seat": "2"}, "ledger-record-invalid"),
        ({"update-root": b"\x01" * 31}, "ledger-record-invalid"),
        ({"update-root": None}, "ledger-record-invalid"),
        ({"norm-sq": "-1"}, "ledger-record-invalid"),
        ({"norm-sq": "9" * 4300}, "ledger-record-invalid"),
        ({"norm-sq": "18446744073709551616"}, "ledger-record-invalid"),
        ({"rho": "١"}, "ledger-record-invalid"),
        ({"rho": 0}, "ledger-record-invalid"),
        ({"signature": b"\x01" * 65}, "ledger-record-invalid"),
        ({"saturated": [0]}, "ledger-record-invalid"),
        ({"saturated": [0, 10**9]}, "ledger-record-invalid"),
        ({"zeroed": [0.5, 0.5]}, "ledger-record-invalid"),
        ({"train-ms": 10**18}, "ledger-record-invalid"),
        ({"commit-ms": -1}, "ledger-record-invalid"),
        ({"format": "chongwen-commitment/9"}, "ledger-record-invalid"),
        ({"signature": b"\0" * 64}, "signature-invalid"),
    ],
)
def test_ledger_record_of_wrong_types(left_out, changes, code):
    update = drawn_update(2, 1)
    seats, found = left_out(lambda m: ledger_reply(m, 2, update, fields=changes))
    assert seats == [0, 1]
    assert [each for _, each in found] == [code]


def test_replies_without_ledger_record_or_update(left_out):
    update = ArrayRecord({"update": Array(drawn_update(2, 1))})
    plain = content(arrays=ArrayRecord({"w": Array(np.zeros(3, np.float32))}))

    def second(message):
        reply = ledger_reply(message, 2, drawn_update(2, 1))
        reply.content["more"] = update
        return reply

    seats, found = left_out(plain, second, failure)
    assert seats == [0, 1]
    codes = [(-1, "client-failed"), (-1, "ledger-record-missing"), (2, "update-missing")]
    assert found == codes


def test_refusal_with_a_code_made_to_confuse(left_out):
    refusal = {"format": "chongwen-refusal/1", "seat": True, "code": "../../x\n", "message": 7}
    seats, found = left_out(content(refusal))
    assert (seats, found) == ([0, 1], [(-1, "site-refused")])
