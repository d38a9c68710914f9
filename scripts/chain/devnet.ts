import { createServer } from "node:net";
import { ChongwenError } from "../../protocol/errors.ts";

/** A chain that runs in this process and is reachable only from this machine. */
export interface Devnet {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts Hardhat's chain on the loopback interface. It lives in memory: closing it forgets everything.
 * @param port 0 picks a free one.
 */
export async function startDevnet(port: number): Promise<Devnet> {
  await requireFreePort(port);
  // Loaded here and not above: commands that need no chain should not pay a second for it.
  const { network } = await import("hardhat");
  const server = await network.createServer("node", "127.0.0.1", port);
  const { port: bound } = await server.listen();
  return { url: `http://127.0.0.1:${bound}`, close: () => server.close() };
}

/** Hardhat's server reports a taken port where nobody can catch it: so ask first. */
async function requireFreePort(port: number): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => probe.once("error", reject).listen(port, "127.0.0.1", resolve));
  } catch (cause) {
    throw new ChongwenError({
      code: "port-in-use",
      message: `The local chain cannot listen on 127.0.0.1:${port}.`,
      fix: "Stop what uses that port (perhaps another `npm start`), or choose another with --rpc-port.",
      retryable: true,
      cause,
    });
  }
  await new Promise((resolve) => probe.close(resolve));
}
