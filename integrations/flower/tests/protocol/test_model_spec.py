import pytest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.model_spec import ModelSpec, TensorSpec, create_model_spec
from protocol.vectors import raw, vectors


@pytest.mark.parametrize("vector", vectors("model-spec.json"))
def test_vectors(vector):
    spec = ModelSpec.from_json(vector["spec"])
    assert spec.parameter_count == vector["parameters"]
    assert spec.padded_count == vector["padded"] == 64 << spec.depth
    assert spec.root() == raw(vector["root"])
    assert spec.to_json() == vector["spec"]
    assert create_model_spec([(t.name, t.shape, t.frac_bits) for t in spec.tensors]) == spec


def tensor(**changes):
    return {"name": "w", "shape": [2], "offset": 0, "fracBits": 14} | changes


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        {},
        {"version": 1, "tensors": []},
        {"version": 1, "tensors": [tensor()], "more": 1},
        {"version": True, "tensors": [tensor()]},
        {"version": 1, "tensors": [tensor(offset=1)]},
        {"version": 1, "tensors": [tensor(), tensor(offset=2)]},
        {"version": 1, "tensors": [tensor(name="a"), tensor(name="b", offset=1)]},
        {"version": 1, "tensors": [tensor(name="")]},
        {"version": 1, "tensors": [tensor(name="x" * 257)]},
        {"version": 1, "tensors": [tensor(name="\ud800")]},
        {"version": 1, "tensors": [tensor(name=3)]},
        {"version": 1, "tensors": [tensor(shape=[0])]},
        {"version": 1, "tensors": [tensor(shape=[2.0])]},
        {"version": 1, "tensors": [tensor(shape=[True])]},
        {"version": 1, "tensors": [tensor(shape=[1] * 33)]},
        {"version": 1, "tensors": [tensor(shape=[2**16, 2**16])]},
        {"version": 1, "tensors": [tensor(shape=[2**32 - 1] * 32)]},
        {"version": 1, "tensors": [tensor(fracBits=31)]},
        {"version": 1, "tensors": [tensor(fracBits=-1)]},
        {"version": 1, "tensors": [tensor(fracBits="14")]},
    ],
)
def test_a_specification_that_breaks_a_rule_is_refused(bad):
    with pytest.raises(ChongwenError) as refused:
        ModelSpec.from_json(bad)
    assert refused.value.code == "spec-invalid"


def test_a_newer_version_is_told_from_a_broken_file():
    with pytest.raises(ChongwenError) as refused:
        ModelSpec.from_json({"version": 2, "tensors": [tensor()]})
    assert refused.value.code == "version-unknown"


def test_rules_hold_for_specifications_made_in_python_too():
    for bad in [(TensorSpec("w", (2,), 1, 14),), (TensorSpec("w", (2,), 0, 31),), ()]:
        with pytest.raises(ChongwenError) as refused:
            ModelSpec(bad)
        assert refused.value.code == "spec-invalid"
