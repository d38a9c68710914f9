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
  const settlement = m.contract("Settlement", [deployer, rounds, operators, treasury]);
  const disputes = m.contract("Disputes", [deployer, rounds, settlement]);

  // The DAO. Execution is open to anyone; the governor alone proposes and cancels.
  const timelock = m.contract("Timelock", [m.getParameter("timelockDelay"), [], [ZERO], deployer]);
  const governor = m.contract("ChongwenGovernor", [token, timelock, m.getParameter("governor")]);

  m.call(contributors, "changeSeats", [seats]);
  m.call(datasets, "changeSeats", [seats]);
  m.call(seats, "changeLedger", [rounds]);
  m.call(operators, "changeLedgers", [rounds, settlement]);
  m.call(treasury, "changeSettlement", [settlement]);
  m.call(rounds, "changeDisputes", [disputes]);
  m.call(settlement, "changeDisputes", [disputes]);

  return { contributors, datasets, seats, treasury, token, operators, rounds, settlement, disputes, timelock, governor };
});
