// The relay over real HTTP, against a real chain and a real database: honest use, its budget, and attacks named after themselves.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { parseEther, zeroAddress, type Hex } from "viem";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { createAuthenticator } from "../../support/authenticator.ts";
import { openRelayWorld } from "./world.ts";

type World = Awaited<ReturnType<typeof openRelayWorld>>;
type Relay = Awaited<ReturnType<World["relay"]>>;
const FRIEND = devAccount(57).address;

describe("relay", { concurrency: false }, () => {
  let w: World;
  const open: Relay[] = [];
  const relay = async (...parameters: Parameters<World["relay"]>): Promise<Relay> => {
    const made = await w.relay(...parameters);
    open.push(made);
    return made;
  };
  const hashOf = (answer: { readonly body: unknown; readonly status: number }): Hex => {
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return (answer.body as { hash: Hex }).hash;
  };

  before(async () => {
    w = await openRelayWorld();
  });
  after(async () => {
    for (const each of open) await each.close();
    await w.close();
  });

  it("lets an invited person join and act without coins, and says what it cost", async () => {
    const r = await relay();
    const passkey = createAuthenticator();
    const joined = await r.post(await w.joining(passkey));
    const created = await w.chain.waitForTransactionReceipt({ hash: hashOf(joined) });
    const { account } = joined.body as { account: Hex };
    assert.notEqual(await w.chain.getCode({ address: account }), undefined);
    assert.equal(await w.chain.getBalance({ address: account }), 0n);

    const acted = await r.post(await w.action({ passkey, account }, [w.delegate(FRIEND)]));
    const delegated = await w.chain.waitForTransactionReceipt({ hash: hashOf(acted) });
    assert.equal(await w.kernel.token.read.delegates([account]), FRIEND);

    await r.tend();
    const cost = [created, delegated].reduce((sum, { gasUsed, effectiveGasPrice }) => sum + gasUsed * effectiveGasPrice, 0n);
    const budget = await r.budget(account);
    assert.deepEqual([budget.day.spent, budget.organisation?.spent, budget.account?.spent], [cost, cost, cost].map(String));
    assert.equal(BigInt(budget.balance), parseEther("1") - cost);
  });

  it("pays for the same action once, however often it is asked", async () => {
    const r = await relay();
    const body = await w.joining(createAuthenticator());
    const hashes = (await Promise.all([r.post(body), r.post(body), r.post(body)])).map(hashOf);
    assert.equal(new Set(hashes).size, 1);
    await r.restart();
    assert.equal(hashOf(await r.post(body)), hashes[0]);
    assert.equal(await w.chain.getTransactionCount({ address: r.account.address }), 1);
  });

  it("gives every action a nonce of its own when many come at once", async () => {
    const r = await relay();
    const hashes = await Promise.all(Array.from({ length: 6 }, async () => hashOf(await r.post(await w.joining(createAuthenticator())))));
    assert.equal(new Set(hashes).size, 6);
    for (const hash of hashes) assert.equal((await w.chain.waitForTransactionReceipt({ hash })).status, "success");
  });

  it("completes a recovery for a passkey that cannot ask for it itself yet, and not before its time", async () => {
    const r = await relay();
    const { account } = await w.member();
    const next = createAuthenticator();
    const args = [account, next.point.qx, next.point.qy, next.rpIdHash] as const;
    const { address, abi } = w.kernel.passkeyAccounts;
    assert.match(JSON.stringify((await r.post({ kind: "complete", account })).body), /AccountsNoRecovery/);
    for (const [functionName, officer] of [["proposeRecovery", w.officers[0]], ["confirmRecovery", w.officers[1]]] as const) {
      await w.chain.waitForTransactionReceipt({ hash: await w.chain.writeContract({ address, abi, functionName, args, account: officer }) });
    }
    assert.match(JSON.stringify((await r.post({ kind: "complete", account })).body), /AccountsTooEarly/);
    await w.chain.increaseTime({ seconds: 601 });
    await w.chain.mine({ blocks: 1 });
    await w.chain.waitForTransactionReceipt({ hash: hashOf(await r.post({ kind: "complete", account })) });
    hashOf(await r.post(await w.action({ passkey: next, account }, [w.delegate(FRIEND)])));
  });

  describe("refuses", () => {
    it("what is not covered: other functions, other contracts, coins", async () => {
      const r = await relay();
      const member = await w.member();
      const { to, data } = w.delegate(FRIEND);
      const others = [
        { to, value: 0n, data: `0x095ea7b3${data.slice(10)}` as Hex },
        { to: devAccount(3).address, value: 0n, data },
        { to, value: 1n, data },
        { to, value: 0n, data: "0x" as Hex },
        { to: w.kernel.governor.address, value: 0n, data },
      ];
      for (const call of others) {
        for (const calls of [[call], [w.delegate(FRIEND), call]]) {
          const { code, status, body } = await r.post(await w.action(member, calls));
          assert.deepEqual([code, status, (body as { retryable: boolean }).retryable], ["not-covered", 403, false]);
        }
      }
    });

    it("accounts that nobody joined this ledger with", async () => {
      const r = await relay();
      const stranger = { passkey: createAuthenticator(), account: w.kernel.token.address };
      assert.equal((await r.post(await w.action(stranger, [w.delegate(FRIEND)]))).code, "not-our-account");
    });

    it("what the ledger would refuse, before it costs anything: forged, replayed, out of turn, expired, uninvited", async () => {
      const r = await relay();
      const member = await w.member();
      const good = await w.action(member, [w.delegate(FRIEND)]);
      const bodies = [
        { ...good, signature: createAuthenticator().sign(`0x${"11".repeat(32)}`) },
        { ...good, calls: [w.delegate(zeroAddress)] },
        { ...good, deadline: 1n },
        await w.action(member, [w.delegate(FRIEND)], 1n),
        { ...(await w.joining(createAuthenticator())), ...createAuthenticator().point },
        { ...(await w.joining(createAuthenticator())), officer: devAccount(1).address },
      ];
      const reasons = ["AccountBadSignature", "AccountBadSignature", "AccountExpired", "AccountWrongNonce", "AccountsNotAccepted", "AccountsNotOfficer"];
      for (const [i, body] of bodies.entries()) {
        const answer = await r.post(body);
        assert.equal(answer.code, "would-fail");
        assert.match((answer.body as { message: string }).message, new RegExp(reasons[i] ?? ""));
      }
      assert.equal((await r.budget()).day.spent, "0");
    });

    it("what is no request", async () => {
      const r = await relay();
      const good = await w.joining(createAuthenticator());
      for (const body of [{}, { ...good, kind: "other" }, { ...good, more: 1 }, { ...good, qx: "0x12" }, { ...good, invitation: { ...good.invitation, organisation: -1 } }]) {
        assert.equal((await r.post(body)).code, "request-invalid");
      }
    });

    it("more gas at once than it pays for", async () => {
      const r = await relay({ gas: 60_000n });
      assert.equal((await r.post(await w.joining(createAuthenticator()))).code, "relay-too-large");
    });

    it("to pay more for gas than it may", async () => {
      const r = await relay({ gasPrice: 1n });
      assert.equal((await r.post(await w.joining(createAuthenticator()))).code, "relay-too-dear");
    });

    it("when its coins are gone", async () => {
      const r = await relay({}, 1000n);
      assert.equal((await r.post(await w.joining(createAuthenticator()))).code, "relay-empty");
    });

    it("an account that asks too often", async () => {
      const r = await relay({}, parseEther("1"), 2);
      const member = await w.member();
      const body = { ...(await w.action(member, [w.delegate(FRIEND)])), deadline: 1n };
      assert.deepEqual([(await r.post(body)).code, (await r.post(body)).code, (await r.post(body)).code], ["would-fail", "would-fail", "too-many-requests"]);
    });
  });

  describe("its budget", () => {
    const most = 400_000n * 10n ** 10n;

    it("of an account ends, survives a restart, and comes back after a day", async () => {
      const r = await relay({ perAccount: most });
      const member = await w.member();
      let nonce = 0n;
      let answer = await r.post(await w.action(member, [w.delegate(FRIEND)]));
      while (answer.status === 200 && nonce < 200n) {
        await w.chain.waitForTransactionReceipt({ hash: hashOf(answer) });
        await r.tend();
        nonce += 1n;
        answer = await r.post(await w.action(member, [w.delegate(FRIEND)], nonce));
      }
      assert.deepEqual([answer.code, answer.status], ["relay-exhausted", 429]);
      assert.match((answer.body as { message: string }).message, /This account/);
      const spent = BigInt((await r.budget(member.account)).account?.spent ?? 0);
      assert.ok(nonce > 0n && spent <= most);
      await r.restart();
      assert.equal((await r.post(await w.action(member, [w.delegate(FRIEND)], nonce))).code, "relay-exhausted");
      // Others are still paid for.
      hashOf(await r.post(await w.action(await w.member(), [w.delegate(FRIEND)])));
      r.clock.pass(86_401);
      hashOf(await r.post(await w.action(member, [w.delegate(FRIEND)], nonce)));
    });

    it("of an organisation is not another's", async () => {
      const r = await relay({ perOrganisation: most });
      let answer = await r.post(await w.joining(createAuthenticator()));
      for (let i = 0; answer.status === 200 && i < 50; i++) {
        await r.tend();
        answer = await r.post(await w.joining(createAuthenticator()));
      }
      assert.equal(answer.code, "relay-exhausted");
      assert.match((answer.body as { message: string }).message, /organisation/);
      hashOf(await r.post(await w.joining(createAuthenticator(), 2)));
    });

    it("of the day ends for everybody", async () => {
      const r = await relay({ perDay: 1000n });
      const { code, body } = await r.post(await w.joining(createAuthenticator()));
      assert.equal(code, "relay-exhausted");
      assert.match((body as { message: string }).message, /everybody/);
    });
  });

  describe("a transaction that no block takes", () => {
    const stopMining = async () => {
      await w.chain.setAutomine(false);
      await w.chain.setIntervalMining({ interval: 0 });
    };
    const startMining = async () => {
      await w.chain.setAutomine(true);
      await w.chain.mine({ blocks: 1 });
    };

    it("is bound in the budget, bids more, and is found under its new hash", async () => {
      const r = await relay();
      const member = await w.member();
      await stopMining();
      try {
        const first = hashOf(await r.post(await w.action(member, [w.delegate(FRIEND)])));
        const bound = BigInt((await r.budget()).day.spent);
        assert.ok(bound > 0n);
        // Another action of the same account would find its turn taken.
        assert.equal((await r.post(await w.action(member, [w.delegate(zeroAddress)]))).code, "turn-taken");
        await r.tend();
        assert.equal(r.pending()[0]?.hash, first);
        r.clock.pass(60);
        await r.tend();
        const second = r.pending()[0]?.hash;
        assert.ok(second !== undefined && second !== first);
        await startMining();
        const receipt = await w.chain.waitForTransactionReceipt({ hash: second });
        await r.tend();
        assert.deepEqual(r.pending(), []);
        assert.equal(BigInt((await r.budget()).day.spent), receipt.gasUsed * receipt.effectiveGasPrice);
        assert.ok(receipt.gasUsed * receipt.effectiveGasPrice < bound);
      } finally {
        await startMining();
      }
    });

    it("was written down by a process that was killed before it told anybody: the next one sends it", async () => {
      const r = await relay();
      const deaf = { ...w.kernel.client, sendRawTransaction: async () => Promise.reject(new Error("killed")) } as unknown as typeof w.kernel.client;
      await r.restart(deaf);
      const hash = hashOf(await r.post(await w.joining(createAuthenticator())));
      assert.equal(await w.chain.getTransaction({ hash }).catch(() => null), null);
      await r.restart();
      await r.tend();
      assert.equal((await w.chain.waitForTransactionReceipt({ hash })).status, "success");
      await r.tend();
      assert.deepEqual(r.pending(), []);
    });

    it("whose nonce another transaction took is dropped, and nothing counts as spent", async () => {
      const r = await relay();
      const deaf = { ...w.kernel.client, sendRawTransaction: async () => Promise.reject(new Error("killed")) } as unknown as typeof w.kernel.client;
      await r.restart(deaf);
      hashOf(await r.post(await w.joining(createAuthenticator())));
      const hash = await w.chain.sendTransaction({ account: r.account, to: FRIEND, value: 1n });
      await w.chain.waitForTransactionReceipt({ hash });
      await r.restart();
      await r.tend();
      assert.deepEqual([r.pending(), (await r.budget()).day.spent], [[], "0"]);
      assert.match(r.warnings.join(), /another transaction took nonce 0/);
    });
  });
});
