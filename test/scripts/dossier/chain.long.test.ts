// What a real chain proves of a ledger with a freeze, a settlement and claims; and what a forger of facts or of receipts can make of it.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { keccak256, toHex, type Hex } from "viem";
import { createLedgerbook, type Finding } from "../../../protocol/audit/findings.ts";
import { accumulate } from "../../../protocol/index.ts";
import { compareProven } from "../../../protocol/dossier/compare.ts";
import { watchedEvents } from "../../../protocol/dossier/events.ts";
import { questionOf } from "../../../protocol/dossier/proofs.ts";
import { decodeReceipts, proveEvents, type DossierReceipts } from "../../../protocol/dossier/receipts.ts";
import { compareEvents } from "../../../protocol/dossier/replay.ts";
import type { LedgerFacts } from "../../../protocol/ledger/facts.ts";
import { readFacts } from "../../../protocol/ledger/read-facts.ts";
import { proveReceipts } from "../../../protocol/proofs/receipts.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { createProver, type LedgerProof } from "../../../scripts/chain/proofs/prover.ts";
import { collectReceipts, type ReceiptFiles } from "../../../scripts/dossier/receipts.ts";
import { pinnedAt } from "../../../scripts/dossier/pinned.ts";
import { claimAll } from "../../../scripts/federation/claim-all.ts";
import { finaliseSettlement } from "../../../scripts/operator/settle.ts";
import { startWorld, type World } from "../watch/world.ts";

const REASON: Hex = keccak256(toHex("a patient was recognised"));
const COUNCIL = devAccount(5);

describe("a dossier of a real chain", () => {
  let world: World;
  let facts: LedgerFacts;
  let proof: LedgerProof;
  let files: ReceiptFiles;
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  before(async () => {
    world = await startWorld();
    const { kernel, federation, setting } = world;
    const council = (functionName: "freeze" | "lift") => setting.transactor.send(COUNCIL, { kind: functionName, ...kernel.freezes, functionName, args: functionName === "freeze" ? [federation, REASON] : [federation] } as never);
    const sealed = await world.seal(await world.contribute());
    await world.report(sealed);
    await council("freeze");
    await council("lift");
    await world.report(await world.seal(await world.contribute()));
    await world.finaliseAll();
    const weights = await Promise.all(sealed.entries.map(async ({ seat }) => (await kernel.seats.read.laneOf([federation, seat])).weight));
    let amounts: readonly bigint[] = [];
    await world.settle(2, [1, 2].map((round) => ({ round, seats: sealed.entries.map(({ seat }) => seat), weights })), (due) => ({ amounts: (amounts = due.amounts) }));
    await world.jump(2_001);
    await finaliseSettlement(setting, federation);
    const [settlement] = (await readFacts(kernel, federation)).settlements;
    assert.ok(settlement);
    await claimAll(setting, accumulate(new Uint8Array(), amounts, settlement.payees), 2);
    facts = await readFacts(pinnedAt(kernel, await kernel.client.getBlockNumber()), federation);
    proof = (await createProver({ client: world.client, deployment: kernel.deployment, warn }).ledger(questionOf(facts), facts.asOf.block)) as LedgerProof;
    files = (await collectReceipts({ client: world.client, about: facts, anchor: proof.header, warn })) as ReceiptFiles;
  });
  after(() => world.close());

  const findings = async (change: (facts: LedgerFacts) => void = () => undefined, receipts: DossierReceipts = decoded()): Promise<readonly Finding[]> => {
    const changed = structuredClone(facts);
    change(changed);
    const book = createLedgerbook();
    const { events } = await proveEvents(receipts, proof.header, [], watchedEvents(changed));
    compareEvents(book, changed, events);
    compareProven(book, changed, proof.header, proof.proven);
    return book.findings;
  };
  const decoded = (): DossierReceipts => decodeReceipts(files.headers, files.receipts);
  const withBlocks = (change: (blocks: DossierReceipts["blocks"][number][]) => void): DossierReceipts => {
    const { headers, blocks } = decoded();
    const changed = structuredClone([...blocks]);
    change(changed);
    return { headers, blocks: changed };
  };
  const prove = (receipts: DossierReceipts, checkpoints: readonly Hex[] = [], anchor: Pick<LedgerProof["header"], "hash"> = proof.header) => proveEvents(receipts, anchor, checkpoints, watchedEvents(facts));
  const invalid = (message: RegExp) => (error: unknown) => error instanceof Error && "code" in error && (assert.match(error.message, message), error.code === "proof-invalid" || error.code === "header-invalid");
  /** The block of the first claim. */
  const claimBlock = async (): Promise<number> => {
    const { events } = await prove(decoded());
    const claimed = events.find(({ address }) => address.toLowerCase() === facts.vault.toLowerCase());
    return decoded().blocks.findIndex(({ block }) => block === claimed?.blockNumber);
  };
  const first = (all: readonly Finding[]): string => `${all[0]?.entry}: ${all[0]?.message}`;

  it("proves everything that was said, from one block's hash, and agrees with what was read", async () => {
    assert.deepEqual(warnings, []);
    assert.deepEqual([facts.claims.length, facts.freezes?.changes.length, facts.settlements[0]?.state], [2, 2, "Final"]);
    assert.deepEqual(await findings(), []);
    const { isComplete, headers, unlinked, events } = await prove(decoded());
    assert.deepEqual([isComplete, BigInt(headers), unlinked], [true, facts.asOf.block - facts.deployment.fromBlock + 1n, []]);
    assert.ok(events.length > 20);
    const { frozenUntil, vault, datasets } = proof.proven;
    assert.deepEqual([frozenUntil, vault?.paid.get(facts.claims[0]?.index ?? -1), datasets?.count], [facts.freezes?.until, facts.claims[0]?.cumulative, facts.datasets.length]);
    assert.ok((frozenUntil ?? 0) > 0);
  });

  it("is the same, byte for byte, when it is collected again", async () => {
    assert.deepEqual(await collectReceipts({ client: world.client, about: facts, anchor: proof.header, warn }), files);
  });

  it("attack_missingClaim: left out of the facts, out of the receipts, or out of both", async () => {
    const forget = ({ claims }: LedgerFacts): void => void claims.shift();
    assert.match(first(await findings(forget)), /^claims: logged claims is/);
    const at = await claimBlock();
    const without = withBlocks((blocks) => void blocks.splice(at, 1));
    await assert.rejects(findings(forget, without), invalid(/may hold an event of this federation, and its receipts are left out/));
    // Where no chain of headers would show it, the vault's own sum does.
    const book = createLedgerbook();
    const forgetful = structuredClone(facts);
    forget(forgetful);
    compareProven(book, forgetful, proof.header, proof.proven);
    assert.match(first(book.findings), /^claims: proven claimed by seat \d+ is 0, expected/);
  });

  it("attack_forgedFacts: names what the contracts said otherwise", async () => {
    const lies: readonly (readonly [(facts: LedgerFacts) => void, RegExp])[] = [
      [({ claims: [claim] }) => void (claim && (claim.recipient = COUNCIL.address)), /^claims: logged claims/],
      [({ settlements: [settlement] }) => void (settlement && (settlement.pool += 1n)), /^settlement 1: logged pool/],
      [({ settlements: [settlement] }) => void (settlement && (settlement.payees[0] = COUNCIL.address)), /^settlement 1: logged payees/],
      [({ settlements: [settlement] }) => void (settlement && (settlement.deadline += 1)), /^settlement 1: logged deadline/],
      [({ rounds: [round] }) => void (round?.seats[0] && (round.seats[0].key = COUNCIL.address)), /^round 1: logged key of seat 0/],
      [({ rounds: [round] }) => void (round?.report && (round.report.artefact = REASON)), /^round 1: logged report/],
      [({ genesis }) => void (genesis.artefact = REASON), /^genesis: logged creation/],
      [({ freezes }) => void freezes?.changes.splice(0, 2), /^freezes: logged freezes/],
      [({ freezes }) => void freezes?.moves.shift(), /^freezes: logged moves/],
      [({ freezes }) => void (freezes && (freezes.until = 0)), /^freezes: proven end of the last freeze/],
      [({ datasets: [dataset] }) => void (dataset && (dataset.status = 4)), /^dataset 1: proven status/],
      [({ datasets }) => void datasets.pop(), /^ledger: proven number of datasets/],
    ];
    for (const [lie, message] of lies) assert.match(first(await findings(lie)), message);
  });

  it("attack_forgedReceipt: a log's data changed, a log added, a receipt cut", async () => {
    const at = await claimBlock();
    const { receiptsRoot } = decoded().headers.find(({ number }) => number === decoded().blocks[at]?.block) ?? { receiptsRoot: REASON };
    const { block: _, ...honest } = decoded().blocks[at] ?? assert.fail();
    assert.ok((await proveReceipts(receiptsRoot, honest, "it")).length > 0);
    for (const node of honest.nodes.keys()) {
      for (const place of [10, 60, -4]) {
        const forged = withBlocks((blocks) => {
          const nodes = [...(blocks[at]?.nodes ?? [])];
          const [text, where] = [nodes[node] ?? "0x", place < 0 ? (nodes[node]?.length ?? 0) + place : place];
          nodes[node] = `${text.slice(0, where)}${text[where] === "0" ? "1" : "0"}${text.slice(where + 1)}` as Hex;
          blocks[at] = { ...(blocks[at] ?? assert.fail()), nodes };
        });
        await assert.rejects(prove(forged), invalid(/receipts of block/), `node ${node} at ${place}`);
      }
    }
  });

  it("attack_receiptOfAnotherBlock, and one counted short", async () => {
    const at = await claimBlock();
    await assert.rejects(prove(withBlocks((blocks) => void (blocks[at] = { ...(blocks[at - 1] ?? assert.fail()), block: blocks[at]?.block ?? 0n }))), invalid(/another node than the header's root/));
    await assert.rejects(prove(withBlocks((blocks) => void (blocks[at] = { ...(blocks[at] ?? assert.fail()), receipts: [], count: 0 }))), invalid(/more than 0/));
    await assert.rejects(prove(withBlocks((blocks) => void (blocks[at] = { ...(blocks[at] ?? assert.fail()), count: 7 }))), invalid(/does not name all of its 7/));
    await assert.rejects(prove(withBlocks((blocks) => void blocks.push(blocks[at] ?? assert.fail()))), invalid(/twice/));
    await assert.rejects(prove(withBlocks((blocks) => void (blocks[at] = { ...(blocks[at] ?? assert.fail()), block: 10_000n }))), invalid(/no header/));
  });

  it("attack_headerSwapped: a header with another root, or of another chain, leads nowhere", async () => {
    const { headers, blocks } = decoded();
    const at = headers.findIndex(({ number }) => number === blocks.at(-1)?.block);
    const forgedBytes = Uint8Array.from(files.headers);
    const root = Buffer.from((headers[at]?.receiptsRoot ?? "0x").slice(2), "hex");
    const place = Buffer.from(forgedBytes).lastIndexOf(root);
    forgedBytes[place] = (forgedBytes[place] ?? 0) ^ 1;
    await assert.rejects(prove(decodeReceipts(forgedBytes, files.receipts)), invalid(/another node than the header's root/));
    // With the receipts that fit it left out as well, the chain breaks there: what lies before it is taken no more.
    const broken = await prove({ headers: decodeReceipts(forgedBytes, files.receipts).headers, blocks: blocks.slice(0, -1) });
    assert.deepEqual([broken.isComplete, broken.unlinked.length, broken.events.length], [false, blocks.length - 1, 0]);
    const elsewhere = await prove(decoded(), [], { hash: REASON });
    assert.deepEqual([elsewhere.isComplete, elsewhere.events.length], [false, 0]);
    await assert.rejects(async () => decodeReceipts(forgedBytes.subarray(0, -1), files.receipts), invalid(/middle/));
    await assert.rejects(async () => decodeReceipts(forgedBytes.subarray(1), files.receipts), invalid(/something else/));
  });

  it("keeps only the headers that matter of a long chain; what the reader compared links them", async () => {
    const told: string[] = [];
    const islands = await collectReceipts({ client: world.client, about: facts, anchor: proof.header, warn: (message) => void told.push(message), mostHeaders: 5 });
    assert.match(told.join(), /nothing in the dossier links/);
    assert.ok(islands !== null && islands.headers.length < files.headers.length / 2);
    const receipts = decodeReceipts(islands.headers, islands.receipts);
    const alone = await prove(receipts);
    assert.ok(!alone.isComplete && alone.unlinked.length > 10);
    const compared = await prove(receipts, alone.unlinked.map(({ hash }) => hash));
    assert.deepEqual([compared.isComplete, compared.unlinked], [false, []]);
    assert.deepEqual(await findings(() => undefined, { ...receipts, headers: decoded().headers }), []);
    const book = createLedgerbook();
    compareEvents(book, facts, compared.events);
    assert.deepEqual(book.findings, []);
  });
});
