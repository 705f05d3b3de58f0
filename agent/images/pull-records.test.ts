import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../base/log.js";
import type { Image } from "../runtime/runtime.js";
import type { Credential } from "./keyring.js";
import { PullRecords } from "./pull-records.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pull-records-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const image = (id: string, name: string): Image => ({ id, names: [name], sizeBytes: 1 });
const open = (): PullRecords => new PullRecords(join(dir, "records.json"), silentLog);
const credential = (password: string): Credential => ({
  auth: { username: "u", password },
  from: { uid: "1", namespace: "n", name: "s" },
});

test("an image of which nothing is known is everybody's", () => {
  expect(open().isOpen("sha256:1", "r/a", "r/a:1")).toBe(true);
});

test("what came with a password is for those who show it, after a restart, too", () => {
  open().pulled("sha256:1", "r/a", credential("right"));
  const records = open();
  expect(records.isOpen("sha256:1", "r/a", "r/a:1")).toBe(false);
  expect(records.opens("sha256:1", "r/a", "r/a:1", [credential("wrong")])).toBe(false);
  expect(records.opens("sha256:1", "r/a", "r/a:1", [credential("wrong"), credential("right")])).toBe(true);
  expect(records.opens("sha256:1", "r/b", "r/b:1", [credential("right")])).toBe(false);
});

test("what came without is everybody's from then on", () => {
  const records = open();
  records.pulled("sha256:1", "r/a", credential("right"));
  records.pulled("sha256:1", "r/a", undefined);
  records.pulled("sha256:1", "r/a", credential("right"));
  expect(records.isOpen("sha256:1", "r/a", "r/a:1")).toBe(true);
});

test("an image that is gone is forgotten", () => {
  open().pulled("sha256:1", "r/a", credential("right"));
  const records = open();
  records.keepOnly([image("sha256:2", "r/b:1")], records.moment);
  expect(open().isOpen("sha256:1", "r/a", "r/a:1")).toBe(true);
});

test("what is pulled while the runtime is asked what it has is not forgotten", () => {
  const records = open();
  const { moment } = records;
  records.pulled("sha256:1", "r/a", credential("right"));
  records.keepOnly([image("sha256:2", "r/b:1")], moment);
  expect(records.isOpen("sha256:1", "r/a", "r/a:1")).toBe(false);
});

describe("an image whose pull nobody saw the end of", () => {
  test("is nobody's until it is told who pulled it, though the agent was killed meanwhile", () => {
    open().begins("r/a", "r/a:1", undefined);
    const records = open();
    expect(records.isOpen("sha256:1", "r/a", "r/a:1")).toBe(false);
    expect(records.isOpen("sha256:1", "r/a", "r/a@sha256:1")).toBe(false);
    expect(records.isOpen("sha256:2", "r/a", "r/a:2")).toBe(true);
    expect(records.isOpen("sha256:2", "r/b", "r/b:1")).toBe(true);
    records.pulled("sha256:1", "r/a", undefined, "r/a:1");
    expect(open().isOpen("sha256:1", "r/a", "r/a:1")).toBe(true);
  });

  test("does not close what was there before", () => {
    const records = open();
    records.begins("r/a", "r/a:1", "sha256:old");
    expect(records.isOpen("sha256:old", "r/a", "r/a:1")).toBe(true);
    expect(records.isOpen("sha256:new", "r/a", "r/a:1")).toBe(false);
  });

  test("is everybody's again once all pulls have come to nothing", () => {
    const records = open();
    for (let count = 0; count < 2; count++) records.begins("r/a", "r/a:1", undefined);
    records.failed("r/a", "r/a:1");
    expect(records.isOpen("sha256:1", "r/a", "r/a:1")).toBe(false);
    records.failed("r/a", "r/a:1");
    expect(open().isOpen("sha256:1", "r/a", "r/a:1")).toBe(true);
  });

  test("is forgotten when it is gone, but not while it is pulled", () => {
    open().begins("r/a", "r/a:1", undefined);
    const records = open();
    records.begins("r/b", "r/b:1", undefined);
    records.keepOnly([image("sha256:1", "r/a:1")], records.moment);
    expect(records.isOpen("sha256:1", "r/a", "r/a:1")).toBe(false);
    records.keepOnly([], records.moment);
    expect(records.isOpen("sha256:1", "r/a", "r/a:1")).toBe(true);
    expect(records.isOpen("sha256:1", "r/b", "r/b:1")).toBe(false);
  });
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
  expect(open().isOpen("sha256:1", "r/a", "r/a:1")).toBe(false);
});
