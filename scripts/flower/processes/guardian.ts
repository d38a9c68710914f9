// Outlives the process that started it by a few seconds, to end what that process left behind: however it ended, `kill -9` included.
// It hears "+pid" and "-pid" on standard input. When that closes, whoever wrote there is gone.
import { createInterface } from "node:readline";
import { endTree } from "./end-tree.ts";

const wards = new Set<number>();

// Ctrl-C in a terminal reaches everybody at once: the guardian goes last.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const pid = Number(line.slice(1));
    if (!Number.isSafeInteger(pid) || pid <= 1) return;
    if (line.startsWith("+")) wards.add(pid);
    else wards.delete(pid);
  })
  .on("close", () => {
    for (const pid of wards) endTree(pid);
    process.exit(0);
  });
