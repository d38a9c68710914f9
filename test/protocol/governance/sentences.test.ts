// Every act of governance has a sentence in both languages, and what a proposal says is held against what it does.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import type { AbiParameter, Address, Hex } from "viem";
import { encodeFunctionData, zeroAddress } from "viem";
import { contractNames, type Deployment } from "../../../protocol/deployment.ts";
import { governedCall } from "../../../protocol/governance/actions.ts";
import { decodeAction, type ProposalCall } from "../../../protocol/governance/decode.ts";
import { checkDescription, describeActions, plainText, titleOf } from "../../../protocol/governance/description.ts";
import { GOVERNED, GOVERNED_ABIS, type GovernedContract } from "../../../protocol/governance/governed.ts";
import { sentenceOf } from "../../../protocol/governance/sentences.ts";
import { duration, shu } from "../../../protocol/governance/words.ts";

const root = path.resolve(import.meta.dirname, "..", "..", "..");
const addressOf = (index: number): Address => `0x${(index + 1).toString(16).padStart(40, "0")}`;
const deployment = {
  format: "chongwen-deployment", version: 1, chainId: 31_337, rpcUrl: "http://127.0.0.1:8545", fromBlock: 0n,
  contracts: Object.fromEntries(contractNames.map((name, i) => [name, addressOf(i)])),
} as Deployment;

/** Some value of a Solidity type. */
function sample({ type, ...parameter }: AbiParameter): unknown {
  const item = /^(.*)\[\]$/.exec(type)?.[1];
  if (item !== undefined) return [sample({ ...parameter, type: item } as AbiParameter)];
  if (type === "tuple" && "components" in parameter) return Object.fromEntries(parameter.components.map((component) => [component.name, sample(component)]));
  if (type === "address") return addressOf(90);
  if (type === "bool") return true;
  if (type === "string") return "text";
  const bytes = /^bytes(\d*)$/.exec(type)?.[1];
  if (bytes !== undefined) return `0x${"07".repeat(bytes === "" ? 3 : Number(bytes))}`;
  const bits = Number(/^uint(\d+)$/.exec(type)?.[1]);
  assert.ok(bits > 0, type);
  return bits <= 48 ? 2 : 2n;
}

/** A call of every governed function, made from its ABI. */
const every: readonly { readonly contract: GovernedContract; readonly name: string; readonly call: ProposalCall }[] = (Object.keys(GOVERNED) as GovernedContract[]).flatMap((contract) =>
  GOVERNED[contract].map((name) => {
    const abi = GOVERNED_ABIS[contract];
    const found = abi.find((entry) => entry.type === "function" && entry.name === name);
    assert.ok(found?.type === "function", `${contract} has no ${name}`);
    const data = encodeFunctionData({ abi: [found], functionName: name, args: found.inputs.map(sample) } as never) as Hex;
    return { contract, name, call: { target: deployment.contracts[contract], value: 0n, data } };
  }),
);

/** What the sources keep for governance alone. */
function reservedFunctions(): readonly string[] {
  const ours = globSync("contracts/*/*.sol", { cwd: root, exclude: ["contracts/test/**", "contracts/interfaces/**"] }).flatMap((file) => {
    const source = readFileSync(path.join(root, file), "utf8");
    const name = path.basename(file, ".sol");
    return [...source.matchAll(/function (\w+)\([^{;]*?\bonlyOwner\b[^{;]*\{/g)].map((match) => `${name[0]?.toLowerCase()}${name.slice(1)}.${match[1]}`);
  });
  const extensions = readFileSync(path.join(root, "contracts/governance/ChongwenGovernor.sol"), "utf8").matchAll(/openzeppelin\/contracts\/(governance\/(?:extensions\/)?Governor\w*\.sol)/g);
  const governor = [...extensions].flatMap(([, file]) => {
    const source = readFileSync(path.join(root, "node_modules/@openzeppelin/contracts", file ?? ""), "utf8");
    return [...source.matchAll(/function (\w+)\([^{;]*?\bonlyGovernance\b[^{;]*\{/g)].map((match) => `governor.${match[1]}`);
  });
  // Owned by the register of contributors, not by governance.
  return [...ours, ...governor].filter((name) => !name.startsWith("libraryCard."));
}

describe("sentences", () => {
  it("knows every function that only governance may call, as the sources have them", () => {
    const known = new Set(every.map(({ contract, name }) => `${contract}.${name}`));
    const reserved = reservedFunctions();
    assert.ok(reserved.length > 30, String(reserved.length));
    assert.deepEqual(reserved.filter((name) => !known.has(name)), []);
    for (const [contract, abi] of Object.entries(GOVERNED_ABIS)) {
      for (const owned of ["transferOwnership", "renounceOwnership"]) {
        if (abi.some((entry) => entry.type === "function" && entry.name === owned)) assert.ok(known.has(`${contract}.${owned}`), `${contract}.${owned}`);
      }
    }
  });

  it("says every one of them in both languages, each in its own way", () => {
    for (const language of ["en", "zh"] as const) {
      const said = every.map(({ call }) => sentenceOf(decodeAction(deployment, call), language));
      assert.equal(new Set(said).size, every.length, "two acts share a sentence");
      for (const sentence of said) {
        assert.doesNotMatch(sentence, /undefined|NaN|\[object|\n/);
        assert.match(sentence, language === "en" ? /^[A-Z].*\.$/ : /^\P{Lu}.*。$/u);
      }
    }
  });

  it("says amounts and times exactly", () => {
    const sentence = (call: ProposalCall): string => sentenceOf(decodeAction(deployment, call), "en");
    assert.equal(sentence(governedCall(deployment, "treasury", "reserve", [3, 1_234_567_890_000_000_000_000_001n])), "Reserve 1,234,567.890000000000000001 SHU for federation 3.");
    assert.equal(sentence(governedCall(deployment, "governor", "setVotingPeriod", [90_061])), "Let votes last 1 day 1 hour 1 minute 1 second.");
    assert.equal(sentenceOf(decodeAction(deployment, governedCall(deployment, "datasets", "approve", [7])), "zh"), "按保管方提出的条款批准数据集 7。");
    assert.equal(shu(0n), "0");
    assert.equal(duration(0, { day: String, hour: String, minute: String, second: (n) => `${n} s`, joint: " " }), "0 s");
  });
});

describe("decoding", () => {
  it("shows a call of another contract, and never hides it", () => {
    const action = decodeAction(deployment, { target: addressOf(99), value: 5n, data: "0x12345678" });
    assert.equal(action.kind, "unknown-contract");
    assert.match(sentenceOf(action, "en"), /no contract of this ledger\. Also sends 5 wei\.$/);
  });

  it("hides nothing behind a known selector: surplus, missing and unknown bytes are unknown calls", () => {
    const { data } = governedCall(deployment, "datasets", "approve", [1]);
    const target = deployment.contracts.datasets;
    for (const bad of [`${data}00`, `${data}${"11".repeat(32)}`, data.slice(0, -2), "0x", "0xdeadbeef", data.slice(0, 10), `${data.slice(0, 10)}${"ff".repeat(32)}`]) {
      assert.equal(decodeAction(deployment, { target, value: 0n, data: bad as Hex }).kind, "unknown-call", bad);
    }
  });

  it("tells acts that need no vote from those that do", () => {
    const data = encodeFunctionData({ abi: GOVERNED_ABIS.datasets, functionName: "hold", args: [4] });
    const action = decodeAction(deployment, { target: deployment.contracts.datasets, value: 0n, data });
    assert.equal(action.kind, "other");
    assert.match(sentenceOf(action, "en"), /hold\(4\).*no act of governance/);
  });
});

describe("descriptions", () => {
  const calls = [governedCall(deployment, "datasets", "approve", [2]), governedCall(deployment, "seats", "grant", [1, 6, 2, 0])];
  const actions = calls.map((call) => decodeAction(deployment, call));

  it("agrees with the text that is made of the actions, in either language", () => {
    const check = checkDescription(actions, describeActions(actions, "Because."));
    assert.deepEqual(check, { kind: "same", unsaid: [], undone: [], reasons: "Because." });
    const chinese = [...actions.map((action) => sentenceOf(action, "zh")), "", "理由"].join("\r\n");
    assert.equal(checkDescription(actions, chinese).kind, "same");
    assert.equal(checkDescription(actions, `${describeActions(actions, "x")}\n#proposer=${zeroAddress}`).kind, "same");
  });

  it("points out a text that names another dataset, leaves an act out, or adds one", () => {
    const other = checkDescription(actions, describeActions(actions, "").replace("dataset 2 on", "dataset 3 on"));
    assert.deepEqual([other.kind, other.unsaid, other.undone.length], ["different", [0], 1]);
    const hidden = checkDescription(actions, `${sentenceOf(actions[0]!, "en")}\n\nNothing else.`);
    assert.deepEqual([hidden.kind, hidden.unsaid], ["different", [1]]);
    const more = checkDescription(actions, `${describeActions(actions, "").trim()}\nPay every hospital 100 SHU.\n\nwhy`);
    assert.deepEqual([more.kind, more.undone], ["different", ["Pay every hospital 100 SHU."]]);
    assert.equal(checkDescription(actions, "").kind, "different");
  });

  it("does not take sentences among the reasons, or in another order, for the head", () => {
    const [first = "", second = ""] = actions.map((action) => sentenceOf(action, "en"));
    assert.equal(checkDescription(actions, `Trust me.\n\n${first}\n${second}`).kind, "different");
    assert.equal(checkDescription(actions, `${second}\n${first}`).kind, "different");
  });

  it("is titled by what it does, not by what it says", () => {
    assert.equal(titleOf(actions, "en"), "Approve dataset 2 on the terms that its custodian proposed.");
  });

  it("shows hostile text without what cannot be seen or reorders it", () => {
    assert.equal(plainText("a\u202Eb\u200Bc\u0000d\u{E0041}"), "a\uFFFDb\uFFFDc\uFFFDd\uFFFD");
    assert.equal(plainText("one\r\ntwo\n"), "one\ntwo\n");
    assert.equal(plainText(`z${"\u0301".repeat(400)}`).length, 5);
    assert.equal(plainText("<script>alert(1)</script>"), "<script>alert(1)</script>");
  });
});
