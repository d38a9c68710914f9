import { expect } from "chai";
import { ethers as E } from "ethers";

import { createRandom } from "../../protocol/support/random.ts";
import { DAY, must, openChain } from "../value/helpers.ts";
import { FEDERATION } from "../value/settlement-world.ts";
import { deployArbitration, REASON } from "./arbitration-world.ts";

/** How often the random walk takes each step, of 20. */
const OFTEN = { propose: 3, challenge: 4, uphold: 1, reject: 1, expire: 2, release: 2, prove: 1, finalise: 2, withdraw: 1, wait: 3 };

describe("Arbitration, in any order", () => {
  it("test_arbitration_randomWalk_everyWeiIsSomebodys_succeeds", async () => {
    const chain = await openChain();
    const { settlement, arbitration, token, propose, owner, judge, ada, ben, stranger, keys, form } = await deployArbitration(chain);
    const random = createRandom(7);
    const below = (limit: number) => Math.floor(random() * limit);
    const had = await token.balanceOf(owner);
    const done = new Map<string, number>();
    for (let step = 0; step < 400; step++) {
      const federation = FEDERATION + below(2);
      const { nextIndex, attempt } = await settlement.accountOf(federation);
      const by = must([ada, ben][below(2)]);
      const steps: Record<string, () => Promise<unknown>> = {
        propose: () => propose(federation),
        challenge: () => arbitration.connect(by).challenge(federation, nextIndex, attempt, REASON),
        uphold: () => arbitration.connect(owner).rule(federation, nextIndex, attempt, true),
        reject: () => arbitration.connect(owner).rule(federation, nextIndex, attempt, false),
        expire: () => arbitration.connect(stranger).expire(federation),
        release: () => arbitration.connect(stranger).release(federation),
        prove: () => settlement.connect(judge).overturn(federation, stranger),
        finalise: () => settlement.finalise(federation),
        withdraw: () => arbitration.connect(must([ada, ben, ...keys][below(9)])).withdraw(),
        wait: () => chain.helpers.time.increase(below(4 * DAY)),
      };
      const name = must(Object.keys(OFTEN).flatMap((each) => Array.from({ length: OFTEN[each as keyof typeof OFTEN] }, () => each))[below(20)]);
      // Faults are rare: each costs the signers one of their ten bonds, and the epoch one of its units.
      const fault = name === "uphold" || name === "prove";
      if (fault && (done.get("uphold") ?? 0) + (done.get("prove") ?? 0) === 7) continue;
      try {
        await must(steps[name])();
        done.set(name, (done.get(name) ?? 0) + 1);
        if (fault) await form(keys, 4, 0, 3);
      } catch (error) {
        expect(String(error)).to.match(/Arbitration|Settlement|Operators|ERC20/);
      }

      let held = 0n;
      for (const each of [FEDERATION, FEDERATION + 1]) {
        const [challenge, account] = [await arbitration.challengeOf(each), await settlement.accountOf(each)];
        held += challenge.bond;
        const stands = challenge.challenger !== E.ZeroAddress && challenge.index === account.nextIndex && challenge.attempt === account.attempt && account.state === 1n;
        expect(account.frozen, `step ${step}: frozen exactly while challenged`).to.equal(stands);
      }
      for (const each of [ada, ben, stranger, owner, judge, ...keys]) held += await arbitration.owedTo(each);
      expect(await token.balanceOf(arbitration), `step ${step}, ${name}`).to.equal(held);
      expect(await token.balanceOf(owner)).to.equal(had);
    }
    for (const name of ["propose", "challenge", "uphold", "reject", "expire", "release", "prove", "finalise", "withdraw"]) expect(done.get(name) ?? 0, name).to.be.above(0);
  });
});
