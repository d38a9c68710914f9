// Written by `npm run abi` from what the compiler says. Do not edit.
export const rewardsVerifierAbi = [
  {"inputs":[{"name":"rounds","type":"address"},{"name":"seats","type":"address"},{"name":"contributors","type":"address"},{"name":"treasury","type":"address"}],"stateMutability":"nonpayable","type":"constructor"},
  {"inputs":[{"name":"seat","type":"uint256"},{"name":"seats","type":"uint256"}],"name":"RewardsNoSuchSeat","type":"error"},
  {"inputs":[{"name":"length","type":"uint256"},{"name":"expected","type":"uint256"}],"name":"RewardsProofLength","type":"error"},
  {"inputs":[{"name":"held","type":"bytes32"},{"name":"opened","type":"bytes32"}],"name":"RewardsStatementMismatch","type":"error"},
  {"inputs":[{"name":"held","type":"bytes32"},{"name":"opened","type":"bytes32"}],"name":"RewardsTableMismatch","type":"error"},
  {"inputs":[{"name":"kind","type":"uint256"}],"name":"RewardsUnknownKind","type":"error"},
  {"inputs":[{"name":"finalRound","type":"uint32"}],"name":"RewardsWrongRound","type":"error"},
  {"inputs":[],"name":"CONTRIBUTORS","outputs":[{"name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"ROUNDS","outputs":[{"name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"SEATS","outputs":[{"name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"TREASURY","outputs":[{"name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[{"components":[{"name":"federation","type":"uint32"},{"name":"index","type":"uint32"},{"name":"attempt","type":"uint8"},{"name":"statementHash","type":"bytes32"},{"name":"pool","type":"uint128"}],"name":"context","type":"tuple"},{"name":"proof","type":"bytes"}],"name":"verifySettlement","outputs":[{"name":"faulty","type":"bool"}],"stateMutability":"view","type":"function"},
] as const;
