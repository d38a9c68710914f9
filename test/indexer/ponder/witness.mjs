// @ts-nocheck: it stands in for functions of Node whose many forms TypeScript cannot follow.
// Loaded into every process of the indexer: writes down whom it would contact, and lets nothing leave this machine.
import dns from "node:dns";
import fs from "node:fs";
import net from "node:net";

const file = process.env.CHONGWEN_WITNESS ?? "";
const own = new Set(["127.0.0.1", "::1", "localhost", "0.0.0.0", "::"]);
const note = (host) => fs.appendFileSync(file, `${host}\n`);

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const host = typeof first === "object" && first !== null ? (first.path === undefined ? (first.host ?? "localhost") : "localhost") : typeof second === "string" ? second : "localhost";
  note(host);
  if (!own.has(host)) {
    this.destroy(new Error(`${host} is not on this machine.`));
    return this;
  }
  return connect.apply(this, args);
};

const { lookup } = dns;
dns.lookup = function (host, ...rest) {
  note(host);
  return own.has(host) ? lookup.call(this, host, ...rest) : rest.at(-1)(new Error(`${host} is not on this machine.`));
};
