import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.canonical_json import decode, encode, parse

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_read_again(value):
    data = encode(value)
    assert decode(data, "file", 10**6) == value
    assert json.loads(data) == value


def test_one_value_has_one_encoding():
    assert encode({"b": 1, "a": [True, None, 'é\u2028\x7f\n\x01"\\'], "B": (-5,)}) == (
        '{"B":[-5],"a":[true,null,"é\u2028\x7f\\n\\u0001\\"\\\\"],"b":1}'.encode()
    )


@pytest.mark.parametrize(
    "bad",
    [
        0.5,
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        b"bytes",
        {1: 2},
        {"é": 1},
        {"\n": 1},
        "\ud800",
        {"a": {"b": object()}},
        np.int64(3),
        {1, 2},
    ],
)
def test_what_has_no_canonical_form_is_refused(bad):
    with pytest.raises(ChongwenError) as refused:
        encode(bad)
    assert refused.value.code == "json-invalid"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"nul",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b'{"a":1, "b":2}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1}\n',
        b"1.0",
        b"1e3",
        b"-0",
        b"01",
        b"NaN",
        b"Infinity",
        b"9007199254740992",
        b"9" * 5000,
        b'"\\u0041"',
        b'"\\ud800"',
        b'"\\/"',
        b'{"\\u00e9":1}',
        b"[" * 100_000,
        b"[" * 66 + b"]" * 66,
    ],
)
def test_every_other_spelling_is_refused(text):
    with pytest.raises(ChongwenError) as refused:
        decode(text, "file", 10**6)
    assert refused.value.code == "json-invalid"


def test_nesting_has_an_end():
    deepest = b"[" * 65 + b"]" * 65
    assert encode(decode(deepest, "file", 1000)) == deepest


def test_a_huge_file_is_refused_unread():
    with pytest.raises(ChongwenError, match="more than 10"):
        decode(b"[" * 11, "file", 10)


def test_json_of_any_form_is_parsed_but_not_without_end():
    assert parse(b' {"b": 1.5, "a": ["[[[", 1e3]} ') == {"b": 1.5, "a": ["[[[", 1000.0]}
    for bad in [b"", b"{", b"\xff", b"[" * 66 + b"]" * 66, b'"' + b"\\" * 99_999]:
        with pytest.raises(ValueError, match=r"not JSON in UTF-8|nested deeper than 64 levels"):
            parse(bad)


def test_brackets_without_end_do_not_end_a_process_whose_recursion_limit_a_library_raised():
    program = """
import sys
from chongwen_flower.protocol.canonical_json import parse
sys.setrecursionlimit(10**6)
for opening in (b"[", b'{"a":', b'[{"a":'):
    try:
        parse(opening * 10**6)
    except ValueError as refused:
        print(refused)
"""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, capture_output=True, text=True, env=env)
    assert ended.stdout.splitlines() == ["nested deeper than 64 levels"] * 3
    assert ended.returncode == 0
