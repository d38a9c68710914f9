import { expect } from "chai";

import { createAuthenticator } from "../../support/authenticator.ts";
import { loadAccounts } from "./world.ts";

/** What joining and acting cost; docs/contracts/PasskeyAccounts.md states it. */
describe("Gas of passkey accounts", () => {
  it("test_gas_isAsDocumented_succeeds", async () => {
    const w = await loadAccounts();
    const used = async (sent: Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>) => Number((await (await sent).wait())?.gasUsed);
    const create = await used(w.create(await w.invite()));
    const member = await w.join();
    const add = w.callTo(w.target, w.target.interface.encodeFunctionData("add", [1n]));
    await w.execute(member, [add]);
    const execute = await used(w.execute(member, [add]));
    const next = createAuthenticator();
    const key = [next.point.qx, next.point.qy, next.rpIdHash] as const;
    const propose = await used(w.accounts.connect(w.officers.a).proposeRecovery(member.address, ...key));
    const confirm = await used(w.accounts.connect(w.officers.b).confirmRecovery(member.address, ...key));
    await w.time.increase(8 * 86_400);
    const complete = await used(w.accounts.completeRecovery(member.address));
    if (process.env["SHOW_GAS"] !== undefined) console.log({ create, execute, propose, confirm, complete });
    expect(create).to.be.lessThan(235_000);
    expect(execute).to.be.lessThan(78_000);
    expect(propose + confirm + complete).to.be.lessThan(265_000);
  });
});
