import { ethers as E } from "ethers";

import { accounts, DAY, deployOperators, domainOf, quorumOf, SHU, STATEMENT_TYPES, type Chain } from "./helpers.ts";

export const FEDERATION = 5;
export const POOL = 100n * SHU;
export const WINDOW = 2 * DAY;
/** Columns of two seats: one third of the pool, and two; nothing to nobody. */
export const SCORES = E.concat([E.toBeHex(1, 8), E.toBeHex(2, 8), E.toBeHex(0, 8)]);
export const entitlementsOf = (distributed: bigint | number) => {
  const first = BigInt(distributed) / 3n;
  return E.concat([E.toBeHex(first, 12), E.toBeHex(BigInt(distributed) - first, 12)]);
};
/** What tests change in a statement. */
export interface Fields {
  federation: number;
  index: number;
  attempt: number;
  firstRound: number;
  lastRound: number;
  lastReportHash: string;
  scoresHash: string;
  entitlementsHash: string;
  rewardsRoot: string;
  distributed: bigint;
  total: bigint;
  artefact: string;
}
export const State = { Open: 1, Sealed: 2, Reported: 3, Final: 4, Void: 5 };

/** Everything real but the rounds; rounds 1–4 of the federation are final, two of them are enough for a settlement. */
export async function deploySettlement(chain: Chain) {
  const base = await deployOperators(chain);
  const { judge, challenger, ada, ben, stranger } = accounts(chain, "_", "_1", "_2", "judge", "challenger", "ada", "ben", "stranger");
  const rounds = await chain.ethers.deployContract("MockRounds");
  const seats = await chain.ethers.deployContract("RewardsWorld");
  for (const federation of [FEDERATION, 6, 7]) await seats.setSeatCount(federation, 2);
  const settlement = await chain.ethers.deployContract("Settlement", [base.owner, rounds, base.operators, base.treasury, seats]);
  await base.operators.connect(base.owner).changeLedgers(rounds, settlement);
  await base.treasury.connect(base.owner).changeSettlement(settlement);
  await settlement.connect(base.owner).changeJudge(judge, true);
  await rounds.setRule(FEDERATION, POOL, 2, WINDOW);
  for (let round = 1; round <= 4; round++) await rounds.setRound(FEDERATION, round, State.Final, E.id(`report ${round}`));
  await base.form();
  const vault = await base.openVault(FEDERATION, 1000n * SHU);
  const domain = await domainOf(chain, settlement);

  const statement = (over: Partial<Fields> = {}) => {
    const { distributed = 200n * SHU } = over;
    return {
      federation: FEDERATION, index: 1, attempt: 0, firstRound: 1, lastRound: 2, lastReportHash: E.id("report 2"), scoresHash: E.keccak256(SCORES),
      entitlementsHash: E.keccak256(entitlementsOf(distributed)), rewardsRoot: E.id("root"), distributed, total: 200n * SHU, artefact: E.id("artefact"), ...over,
    };
  };
  const sign = (value: object, chosen = [0, 1, 2, 3], domainOver: object = {}) =>
    quorumOf(E.TypedDataEncoder.hash({ ...domain, ...domainOver }, STATEMENT_TYPES, value), base.keys, chosen);
  const send = (value: ReturnType<typeof statement>, quorum = sign(value), through = settlement) =>
    through.propose(value, SCORES, entitlementsOf(value.distributed), quorum);
  const propose = (over: Partial<Fields> = {}) => send(statement(over));
  const pass = () => chain.helpers.time.increase(WINDOW);
  return { ...base, rounds, seats, settlement, vault, judge, challenger, ada, ben, stranger, domain, statement, sign, send, propose, pass };
}

/** What a slash for an overturned settlement names. */
export const evidenceOf = async (settlement: { getAddress(): Promise<string> }, index: number, attempt: number, federation = FEDERATION) =>
  E.keccak256(E.AbiCoder.defaultAbiCoder().encode(["address", "uint32", "uint32", "uint8"], [await settlement.getAddress(), federation, index, attempt]));
