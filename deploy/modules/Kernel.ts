import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/**
 * Deploys and wires the kernel. The deployer owns every contract until `Handover` gives them to the timelock: in between, the genesis
 * manifest is carried out (organisations, first datasets and seats, operators, the first federation), in the open.
 *
 * Order matters only where a contract needs another's address in its constructor; what points backwards is wired afterwards.
 */
export default buildModule("Kernel", (m) => {
  const deployer = m.getAccount(0);
  const ZERO = "0x0000000000000000000000000000000000000000";

  // Who may contribute, from what.
  const contributors = m.contract("Contributors", [deployer, m.getParameter("rotationDelay")]);
  const datasets = m.contract("Datasets", [deployer, contributors, m.getParameter("council"), m.getParameter("holdPeriod")]);
  const seats = m.contract("Seats", [deployer, contributors, datasets]);

  // How invited people join who have no wallet. It has no owner and no power over any other contract.
  const passkeyAccounts = m.contract("PasskeyAccounts", [contributors]);

  // What is paid, and who signs. The treasury creates the token and is its only minter for ever.
  const treasury = m.contract("Treasury", [deployer, seats, contributors, m.getParameter("token"), m.getParameter("allocations")]);
  const token = m.contractAt("ContributionToken", m.staticCall(treasury, "token"));
  const operators = m.contract("Operators", [
    deployer,
    token,
    treasury,
    contributors,
    m.getParameter("bondPerUnit"),
    m.getParameter("unbondingPeriod"),
  ]);

  // The ledger.
  const rounds = m.contract("Rounds", [deployer, contributors, seats, operators]);
  const settlement = m.contract("Settlement", [deployer, rounds, operators, treasury, seats]);

  // What overturns it. Verifiers hold nothing and have no owner; judges act on the ledgers.
  const disputes = m.contract("Disputes", [deployer, rounds, settlement]);
  const aggregateVerifier = m.contract("AggregateVerifier", []);
  const normVerifier = m.contract("NormVerifier", [rounds]);
  const signatureVerifier = m.contract("SignatureVerifier", [rounds, seats, contributors, datasets]);
  const predictionVerifier = m.contract("PredictionVerifier", []);
  const rewardsVerifier = m.contract("RewardsVerifier", [rounds, seats, contributors, treasury]);
  const demands = m.contract("Demands", [
    rounds,
    m.getParameter("answerWindow"),
    m.getParameter("plainDemands"),
    m.getParameter("demandBondBase"),
    m.getParameter("demandBondPerChunk"),
  ]);
  const attestations = m.contract("Attestations", [deployer, rounds, operators]);
  const postings = m.contract("Postings", [rounds]);
  const loneReports = m.contract("LoneReports", [rounds, token, treasury, m.getParameter("loneReportBond")]);
  const arbitration = m.contract("Arbitration", [
    deployer,
    settlement,
    operators,
    treasury,
    m.getParameter("arbitrationBond"),
    m.getParameter("arbitrationPeriod"),
  ]);
  // What settlements are scored by besides the rounds: holdouts fixed in time, and the community's voices. Neither has power over another contract.
  const holdouts = m.contract("Holdouts", [deployer, rounds]);
  const commendations = m.contract("Commendations", [contributors, seats, settlement]);
  // The ethics council's stop of a federation, for a limited time. It may hold rounds up and nothing else.
  const freezes = m.contract("Freezes", [deployer, rounds, datasets, operators, m.getParameter("freezePeriod")]);
  const verifiers = { aggregateVerifier, normVerifier, signatureVerifier, predictionVerifier, rewardsVerifier };
  const judgesOfRounds = { disputes, demands, attestations, postings, freezes };
  const judgesOfSettlement = { disputes, arbitration };

  // The DAO. Execution is open to anyone; the governor alone proposes and cancels.
  const timelock = m.contract("Timelock", [m.getParameter("timelockDelay"), [], [ZERO], deployer]);
  const governor = m.contract("ChongwenGovernor", [token, timelock, m.getParameter("governor")]);

  m.call(contributors, "changeSeats", [seats]);
  m.call(datasets, "changeSeats", [seats]);
  m.call(seats, "changeLedger", [rounds]);
  m.call(operators, "changeLedgers", [rounds, settlement]);
  m.call(treasury, "changeSettlement", [settlement]);
  for (const [name, verifier] of Object.entries(verifiers)) m.call(disputes, "changeVerifier", [verifier, true], { id: `trust_${name}` });
  for (const [name, judge] of Object.entries(judgesOfRounds)) m.call(rounds, "changeJudge", [judge, true], { id: `rounds_${name}` });
  for (const [name, judge] of Object.entries(judgesOfSettlement)) m.call(settlement, "changeJudge", [judge, true], { id: `settlement_${name}` });
  m.call(rounds, "changeLoneReports", [loneReports]);

  return {
    contributors, datasets, seats, treasury, token, operators, rounds, settlement,
    disputes, ...verifiers, demands, attestations, postings, loneReports, arbitration,
    holdouts, commendations, freezes, passkeyAccounts, timelock, governor,
  };
});
