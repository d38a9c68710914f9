import { governedCall } from "../../protocol/governance/actions.ts";
import { foundingMember } from "../genesis/cast.ts";
import { propose } from "../governance/proposal.ts";
import type { Setting } from "./setting.ts";

/** Seconds: enough to notice and to answer. */
const EXTENSION = 60;

/** Proposes something for whoever visits to decide. It is meant: with votes of minutes, the extension of the local chain is too short. @returns Its id */
export async function leaveVoteOpen({ kernel, transactor }: Setting): Promise<bigint> {
  const { id } = await propose(
    kernel,
    transactor,
    foundingMember(1),
    [governedCall(kernel.deployment, "governor", "setLateQuorumVoteExtension", [EXTENSION])],
    "Demonstration: this vote is left open for you.\nToday a quorum that is reached in the last second leaves 2 seconds to answer. A minute lets somebody who disagrees still vote.",
  );
  return id;
}
