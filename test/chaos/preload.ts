// Loaded before the command in a service process: puts what fails between it and the world.
import { obey, pointsReached, reached, relieve } from "./persistence.ts";
import type { ServiceOrders } from "./orders.ts";

/** Its clock runs so many times as fast, so that what it waits for by the clock happens within a run. */
const HURRY = 20;

const { die, full, skew, folders } = JSON.parse(process.env["CHAOS_ORDERS"] ?? "") as ServiceOrders;
obey({ die, full }, folders);

// A machine whose clock is wrong is wrong everywhere.
const trueNow = Date.now;
const birth = trueNow();
Date.now = () => Math.round(birth + HURRY * (trueNow() - birth) + 1000 * skew);

// What leaves the process for good: a transaction, and a wish for a signature.
const { fetch } = globalThis;
globalThis.fetch = async (input, init) => {
  const body = typeof init?.body === "string" ? init.body : "";
  const [, primaryType] = /\\"primaryType\\":\\"(\w+)\\"/.exec(body) ?? [];
  const what = body.includes('"eth_sendRawTransaction"') ? "broadcast" : primaryType === undefined ? null : `sign ${primaryType}`;
  if (what === null) return fetch(input, init);
  reached(`before ${what}`);
  const response = await fetch(input, init);
  reached(`after ${what}`);
  return response;
};

process.on("message", (message) => {
  if (message === "heal") relieve();
  if (message === "points") process.send?.({ points: pointsReached() });
});
// The channel is no reason to stay; without whoever holds the other end there is none at all.
process.channel?.unref();
process.on("disconnect", () => process.exit());
