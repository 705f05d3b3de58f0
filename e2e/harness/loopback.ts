import { readFileSync } from "node:fs";
import { claimsIn, overlapping } from "../../main/range-claim.js";

/**
 * A loopback range of eight /24 that nothing listens in: a cluster of the process runtime each, so that those of tests
 * side by side, and one that a developer runs, do not meet.
 */
export function freeLoopbackRange(): string {
  const used = listeningRanges();
  // What a cluster has claimed is its own before anything listens there.
  const claims = claimsIn(readFileSync("/proc/net/unix", "utf8"));
  for (let tries = 0; tries < ranges; tries++) {
    const index = (start + taken++) % ranges;
    const range = `127.${firstOctet + Math.floor(index / 32)}.${(index % 32) * 8}.0/21`;
    if (!used.has(index) && !overlapping(range, claims)) return range;
  }
  throw new Error("no loopback range is free");
}

const firstOctet = 129;
const ranges = (255 - firstOctet) * 32;
const start = (process.pid * 37) % ranges;
let taken = 0;

function listeningRanges(): ReadonlySet<number> {
  const rows = readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1);
  const found = new Set<number>();
  for (const row of rows) {
    const [, local = "", , state] = row.trim().split(/\s+/);
    if (state !== "0A") continue;
    // Little-endian: 0100007F is 127.0.0.1.
    const [d, c, b, a] = Buffer.from(local.slice(0, 8), "hex");
    if (a === 127 && d !== undefined && b !== undefined && c !== undefined && b >= firstOctet)
      found.add((b - firstOctet) * 32 + Math.floor(c / 8));
  }
  return found;
}
