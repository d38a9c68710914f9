#!/usr/bin/env node
// What `npx chongwen …` runs: the command line, through the launcher. npx finds this file by the `bin` entry of our
// own package.json, before and after an install, and asks no registry.
import { launch } from "./launcher/launch.mjs";

process.exitCode = await launch("scripts/cli.ts", process.argv.slice(2));
