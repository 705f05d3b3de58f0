import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../base/log.js";
import type { Credential } from "./keyring.js";
import { PullRecords } from "./pull-records.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pull-records-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const open = (): PullRecords => new PullRecords(join(dir, "records.json"), silentLog);
const credential = (password: string): Credential => ({
  auth: { username: "u", password },
  from: { uid: "1", namespace: "n", name: "s" },
});

test("an image of which nothing is known is everybody's", () => {
  expect(open().isOpen("sha256:1", "r/a")).toBe(true);
});

test("what came with a password is for those who show it, after a restart, too", () => {
  open().pulled("sha256:1", "r/a", credential("right"));
  const records = open();
  expect(records.isOpen("sha256:1", "r/a")).toBe(false);
  expect(records.opens("sha256:1", "r/a", [credential("wrong")])).toBe(false);
  expect(records.opens("sha256:1", "r/a", [credential("wrong"), credential("right")])).toBe(true);
  expect(records.opens("sha256:1", "r/b", [credential("right")])).toBe(false);
});

test("what came without is everybody's from then on", () => {
  const records = open();
  records.pulled("sha256:1", "r/a", credential("right"));
  records.pulled("sha256:1", "r/a", undefined);
  records.pulled("sha256:1", "r/a", credential("right"));
  expect(records.isOpen("sha256:1", "r/a")).toBe(true);
});

test("an image that is gone is forgotten", () => {
  open().pulled("sha256:1", "r/a", credential("right"));
  open().keepOnly(new Set(["sha256:2"]));
  expect(open().isOpen("sha256:1", "r/a")).toBe(true);
});

test("the file is the agent's alone and holds no password", () => {
  open().pulled("sha256:1", "r/a", credential("hush-hush"));
  expect(statSync(join(dir, "records.json")).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(dir, "records.json"), "utf8")).not.toMatch(/hush|aHVza/);
});

test.each(["", "{", "[]", '{"salt":"x","images":{"a":1}}'])("a file that holds %p is started anew", (text) => {
  writeFileSync(join(dir, "records.json"), text);
  const records = open();
  records.pulled("sha256:1", "r/a", credential("right"));
  expect(open().isOpen("sha256:1", "r/a")).toBe(false);
});
