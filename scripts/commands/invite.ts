import type { Role } from "../../protocol/accounts/index.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { invite as makeInvitation } from "../relay/invite.ts";
import { openLedger, openSigner, type LedgerOptions, type SignerOptions } from "./context.ts";

export interface InviteOptions extends LedgerOptions, SignerOptions {
  readonly organisation: number;
  readonly role: Role;
  readonly page: string;
  readonly days: number;
}

/** Prints a link. It holds a key: it is sent to one person, by a way that others do not read. */
export async function invite(options: InviteOptions, { out, err }: Streams): Promise<number> {
  const { kernel } = await openLedger(options);
  const { link, invitation, hash } = await makeInvitation(kernel, await openSigner(options, kernel), options);
  if (options.json) out.write(envelope(true, { url: link, hash, invitation }));
  else {
    out.write(`${link}\n`);
    err.write(`\nFor one person, once, until ${new Date(Number(invitation.expiry) * 1000).toISOString()}. Whoever has the link can join: send it to nobody else.\n`);
  }
  return EXIT.ok;
}
