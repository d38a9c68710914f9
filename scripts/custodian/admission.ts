import type { Address } from "viem";
import { z } from "zod";
import { ChongwenError } from "../../protocol/errors.ts";
import type { ServiceLedger } from "../service/ledger.ts";
import { readJsonFile } from "../service/json-file.ts";

/** @param tier Highest tier that the account may read in. @param organisation 0 when it is not known. */
export interface Admitted {
  readonly tier: number;
  readonly organisation: number;
}

export type Admission = (account: Address) => Promise<Admitted | null>;

const listSchema = z.strictObject({
  /** Whether members of the ledger may enter besides those listed. */
  members: z.boolean(),
  accounts: z.array(z.strictObject({ account: z.string().regex(/^0x[0-9a-fA-F]{40}$/), tier: z.int().min(0).max(3), organisation: z.int().min(0).max(2 ** 32 - 1) })),
});
export type AdmissionList = z.infer<typeof listSchema>;

/** Members of the ledger read and verify; whoever decides disputes (tier 3) is named by the custodian. */
const MEMBERS_TIER = 2;

/** @param list The custodian's own: it comes first, and tier 0 keeps an account out. */
export function createAdmission(ledger: ServiceLedger, list: AdmissionList = { members: true, accounts: [] }): Admission {
  const listed = new Map(list.accounts.map(({ account, tier, organisation }) => [account.toLowerCase(), { tier, organisation }]));
  return async (account) => {
    const own = listed.get(account.toLowerCase());
    if (own !== undefined) return own.tier === 0 ? null : own;
    if (!list.members) return null;
    const member = await ledger.memberOf(account);
    return member === null ? null : { tier: MEMBERS_TIER, organisation: member.organisation };
  };
}

/** @throws custodian-list-invalid */
export async function readAdmissionList(file: string): Promise<AdmissionList> {
  const refuse = (message: string, cause?: unknown) =>
    new ChongwenError({ code: "custodian-list-invalid", message: `${file}: ${message}`, fix: "Correct it; docs/runbooks/custodian.md shows the form.", cause });
  return readJsonFile(file, listSchema, refuse);
}
