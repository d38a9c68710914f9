import { ethers as E } from "ethers";

import { accounts, DAY, deployOperators, domainOf, quorumOf, SHU, STATEMENT_TYPES, type Chain } from "../value/helpers.ts";
import { FEDERATION } from "../value/settlement-world.ts";

export const WINDOW = 2 * DAY;
export const PERIOD = 5 * DAY;
/** Not divisible by what it is divided by: there is dust. */
export const STAKE = 100n * SHU + 7n;
export const REASON = E.id("the scores are not those of the rounds");
const SCORES = E.concat([E.toBeHex(1, 8), E.toBeHex(0, 8)]);

/** A settlement can be proposed in three federations; `judge` plays `Disputes`. */
export async function deployArbitration(chain: Chain) {
  const base = await deployOperators(chain);
  const { judge, ada, ben, stranger } = accounts(chain, "_", "_1", "_2", "judge", "ada", "ben", "stranger");
  const { owner, operators, treasury, token } = base;
  const rounds = await chain.ethers.deployContract("MockRounds");
  const seats = await chain.ethers.deployContract("RewardsWorld");
  const settlement = await chain.ethers.deployContract("Settlement", [owner, rounds, operators, treasury, seats]);
  const arbitration = await chain.ethers.deployContract("Arbitration", [owner, settlement, operators, treasury, STAKE, PERIOD]);
  await operators.connect(owner).changeLedgers(rounds, settlement);
  await treasury.connect(owner).changeSettlement(settlement);
  await settlement.connect(owner).changeJudge(judge, true);
  await settlement.connect(owner).changeJudge(arbitration, true);
  for (const federation of [FEDERATION, 6, 7]) {
    await rounds.setRule(federation, 100n * SHU, 1, WINDOW);
    for (let round = 1; round <= 40; round++) await rounds.setRound(federation, round, 4, E.id(`report ${round}`));
    await seats.setSeatCount(federation, 1);
    await treasury.connect(owner).reserve(federation, 1000n * SHU);
  }
  await base.form();
  for (const account of [ada, ben, stranger]) {
    await token.connect(owner).transfer(account, 2000n * SHU);
    await token.connect(account).approve(arbitration, E.MaxUint256);
  }

  /** Signed by members 0, 2, 3, 5 and 6. */
  const propose = async (federation = FEDERATION) => {
    const { nextIndex, attempt, settledThrough, total } = await settlement.accountOf(federation);
    const value = {
      federation, index: nextIndex, attempt, firstRound: settledThrough + 1n, lastRound: settledThrough + 1n, lastReportHash: E.id(`report ${settledThrough + 1n}`),
      scoresHash: E.keccak256(SCORES), entitlementsHash: E.keccak256(E.toBeHex(SHU, 12)), rewardsRoot: E.id("root"), distributed: SHU, total: total + SHU, artefact: E.id("artefact"),
    };
    const digest = E.TypedDataEncoder.hash(await domainOf(chain, settlement), STATEMENT_TYPES, value);
    return await settlement.propose(value, SCORES, E.toBeHex(SHU, 12), quorumOf(digest, base.keys, [0, 2, 3, 5, 6]));
  };
  const challenge = (by = ada, index = 1, attempt = 0) => arbitration.connect(by).challenge(FEDERATION, index, attempt, REASON);
  const rule = (upheld: boolean, index = 1, attempt = 0) => arbitration.connect(owner).rule(FEDERATION, index, attempt, upheld);
  const account = () => settlement.accountOf(FEDERATION);
  const pass = (seconds = PERIOD) => chain.helpers.time.increase(seconds);
  return { ...base, settlement, arbitration, judge, ada, ben, stranger, propose, challenge, rule, account, pass };
}
