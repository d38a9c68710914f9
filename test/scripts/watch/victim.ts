// A watcher in a process of its own, to be killed: node victim.ts <workspace>
import { watch } from "../../../scripts/commands/watch.ts";

await watch(
  {
    dir: process.argv[2] ?? "", federation: 1, json: true, account: "dev:62", once: false, demand: true, answer: true, answerAtALoss: false, maxDemands: 16, maxBond: "1",
  },
  { out: process.stdout, err: process.stderr },
  new AbortController().signal,
);
