#!/usr/bin/env node
// What `npm run indexer` runs. The indexer's dependencies are many, and most people never need them: they have a lock of their own, and are installed on
// first use.
import { launch } from "./launcher/launch.mjs";

const [command, ...args] = process.argv.slice(2);
// `npm run indexer -- install` does only that: a test, or an image, may want it beforehand.
if (command === "install" && args.length === 0) process.exitCode = await launch(undefined, [], ["indexer"]);
else process.exitCode = await launch("indexer/run/main.ts", process.argv.slice(2), ["indexer"]);
