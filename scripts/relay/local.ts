import path from "node:path";
import { createWalletClient, http, parseEther } from "viem";
import { devAccount } from "../chain/dev-accounts.ts";
import type { Kernel } from "../chain/kernel.ts";
import type { Hospital } from "../federation/setting.ts";
import type { RunningService } from "../service/listen.ts";
import { openServiceKey } from "../service/key.ts";
import { invite } from "./invite.ts";
import { DEFAULT_BUDGET, startRelay, type RelayStart } from "./start.ts";

/** Gives the local relay its coins. */
const PATRON = 59;

/** A relay with a key and a small balance of its own, as anybody's would have. */
export async function startLocalRelay({ kernel, dir, port, rules }: Pick<RelayStart, "kernel" | "dir" | "port" | "rules">): Promise<RunningService> {
  const folder = path.join(dir, "relay");
  const account = await openServiceKey(path.join(folder, "key"));
  const wallet = createWalletClient({ account: devAccount(PATRON), transport: http(kernel.rpcUrl) });
  const hash = await wallet.sendTransaction({ to: account.address, value: parseEther("0.2"), chain: null });
  await kernel.client.waitForTransactionReceipt({ hash });
  return startRelay({ kernel, dir: folder, account, budget: DEFAULT_BUDGET, port, anyPort: true, rules });
}

/** An invitation from one of the hospital's officers, for the page on this machine: passkeys belong to names, so it is opened as `localhost`. */
export async function inviteDoctor(kernel: Kernel, { keys, registration }: Hospital, page: string): Promise<string> {
  const { port } = new URL(page);
  const { link } = await invite(kernel, keys.officers[0], { organisation: registration.organisation, role: "contributor", page: `http://localhost:${port}/`, days: 7 });
  return link;
}
