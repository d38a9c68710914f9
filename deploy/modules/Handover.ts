import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import Kernel from "./Kernel.ts";

/** Ends the deployer's power: the timelock owns every contract, the governor alone can propose to it, and nobody administers the timelock. */
export default buildModule("Handover", (m) => {
  const { timelock, governor, ...kernel } = m.useModule(Kernel);
  const deployer = m.getAccount(0);

  const proposer = m.call(timelock, "grantRole", [m.staticCall(timelock, "PROPOSER_ROLE", [], 0, { id: "proposerRole" }), governor], {
    id: "grantProposer",
  });
  const canceller = m.call(timelock, "grantRole", [m.staticCall(timelock, "CANCELLER_ROLE", [], 0, { id: "cancellerRole" }), governor], {
    id: "grantCanceller",
  });
  m.call(timelock, "renounceRole", [m.staticCall(timelock, "DEFAULT_ADMIN_ROLE", [], 0, { id: "adminRole" }), deployer], {
    id: "renounceAdmin",
    after: [proposer, canceller],
  });

  const { contributors, datasets, seats, treasury, operators, rounds, settlement, disputes, attestations, arbitration, holdouts, freezes } = kernel;
  for (const contract of [contributors, datasets, seats, treasury, operators, rounds, settlement, disputes, attestations, arbitration, holdouts, freezes]) {
    m.call(contract, "transferOwnership", [timelock], { after: [proposer, canceller] });
  }

  return { timelock, governor, ...kernel };
});
