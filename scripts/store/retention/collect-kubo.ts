import type { Deployment } from "../../../protocol/deployment.ts";
import { digestToCid, type Digest } from "../cid.ts";
import type { KuboConnection } from "../kubo-blocks.ts";
import { digestOfPin, KuboPins } from "../kubo-pins.ts";
import { day } from "./collect.ts";
import { ledgerName, openLog, openMemory } from "./memory.ts";
import type { RetentionPlan } from "./plan.ts";
import { seconds, type RetentionPolicy } from "./policy.ts";

export interface KuboCollectParameters {
  readonly connection: KuboConnection;
  readonly deployment: Deployment;
  readonly plan: RetentionPlan;
  readonly policy: RetentionPolicy;
  readonly stateDir: string;
  readonly now: number;
  readonly dryRun: boolean;
  readonly acceptForgotten?: boolean;
}

/** @param pinned Kept, here, and pinned by nobody: pinned now. @param absent Kept, and not whole here. @param young Put too lately to be judged. */
export interface KuboCollected {
  readonly unpinned: readonly { readonly digest: Digest; readonly why: string }[];
  readonly pinned: readonly Digest[];
  readonly absent: readonly Digest[];
  readonly young: readonly Digest[];
}

/** Who pins for a ledger. */
export const ownerOf = (deployment: Deployment): string => `chongwen:${ledgerName(deployment)}`;

/**
 * Takes away our own pins of what nothing keeps, and pins what is kept and here. Blocks go when the node collects its garbage, in its own time: they may be
 * somebody else's as well.
 * @throws ledger-forgot, store-unavailable
 */
export async function collectKubo({ connection, deployment, plan, policy, stateDir, now, dryRun, acceptForgotten = false }: KuboCollectParameters): Promise<KuboCollected> {
  const memory = openMemory(stateDir, deployment);
  if (!acceptForgotten) await memory.check(plan.named);
  const owner = ownerOf(deployment);
  const pins = new KuboPins(connection);
  const all = await pins.list();
  const log = openLog(stateDir);
  const at = new Date(now * 1000).toISOString();

  const unpinned = new Map<Digest, string>();
  const young: Digest[] = [];
  const going = all.filter((pin) => {
    const digest = digestOfPin(pin);
    if (pin.name?.owner !== owner || digest === null || plan.kept.has(digest)) return false;
    const erased = plan.erasures.find(({ artefact, path }) => artefact === digest && path === undefined);
    if (erased === undefined && pin.name.since > now - seconds.grace(policy)) {
      young.push(digest);
      return false;
    }
    const ended = plan.ended.get(digest)?.map(({ why, until }) => `${why}, until ${day(until)}`).join("; ") ?? "nothing names it";
    unpinned.set(digest, erased === undefined ? ended : `erased on ${day(erased.erasedAt)}: ${erased.basis}`);
    return true;
  });
  const released = [...unpinned].map(([digest, why]) => ({ digest, why }));
  if (!dryRun) {
    await log({ at, event: "sweep", store: new URL(connection.url).origin, released });
    for (const pin of going) await pins.remove(pin);
  }

  const held = new Set(all.flatMap((pin) => digestOfPin(pin) ?? []));
  const pinned: Digest[] = [];
  const absent: Digest[] = [];
  for (const digest of plan.kept.keys()) {
    if (held.has(digest)) continue;
    // Of one that lost a file, what is left is pinned block by block, by who erased it.
    const isHere = dryRun ? null : await pins.add(digestToCid(digest), { owner, since: now, digest, part: false });
    if (isHere === true) pinned.push(digest);
    if (isHere === false) absent.push(digest);
  }
  if (!dryRun) {
    await memory.remember(plan.named);
    await log({ at, event: "swept", store: new URL(connection.url).origin, unpinned: released.length, pinned, absent: absent.length });
  }
  return { unpinned: released, pinned, absent, young };
}
