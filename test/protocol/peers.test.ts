// Faults that were found in other systems for federated learning (docs/attacks.md), tried on ours: those that no other suite has.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createModelSpec, parameterCount, quantiseUpdate, specRoot, updateRoot } from "../../protocol/index.ts";

const tensor = (name: string, ...shape: number[]) => ({ name, shape, fracBits: 8 });

describe("FederatedAI_Web3_Audit: hashes of models", () => {
  test("attack_tensorsOfAnotherShapeHashAlike", () => {
    const matrix = createModelSpec([tensor("w", 2, 3)]);
    const vectors = createModelSpec([tensor("w", 3), tensor("v", 3)]);
    assert.equal(parameterCount(matrix), parameterCount(vectors));
    const roots = [matrix, vectors, createModelSpec([tensor("w", 3, 2)]), createModelSpec([tensor("w", 6)])].map(specRoot);
    assert.equal(new Set(roots).size, roots.length);
  });

  test("attack_twelveTensorsComeBackSortedByName", () => {
    const names = Array.from({ length: 12 }, (_, i) => `arr_${i}`);
    const spec = createModelSpec(names.map((name) => tensor(name, 1)));
    assert.deepEqual(spec.tensors.map(({ name, offset }) => [name, offset]), names.map((name, i) => [name, i]));
    const sorted = createModelSpec(names.toSorted().map((name) => tensor(name, 1)));
    assert.notEqual(specRoot(spec), specRoot(sorted));
    const { values } = quantiseUpdate(spec, Float64Array.from(names, (_, i) => i));
    assert.deepEqual([...values], names.map((_, i) => 256 * i));
    assert.notEqual(updateRoot(values), updateRoot(Int16Array.from(names.toSorted(), (name) => 256 * names.indexOf(name))));
  });
});
