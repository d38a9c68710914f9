#!/usr/bin/env node
// The launcher: `node tools/run.mjs <script.ts | package binary> [arguments]`.
// It installs the locked dependencies when they are absent or stale, then runs the command on the Node that came
// with them, so that the same bits run whatever Node started us. Zero dependencies and plain JavaScript on purpose:
// it must work on Node 20 before anything is installed. Standard output belongs to the command alone.
import { launch } from "./launcher/launch.mjs";

const [command, ...args] = process.argv.slice(2);
process.exitCode = await launch(command, args);
