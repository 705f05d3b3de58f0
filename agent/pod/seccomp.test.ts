import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seccompOf } from "./seccomp.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "seccomp-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const local = (localhostProfile: string) => seccompOf({ type: "Localhost", localhostProfile }, dir);

test("a profile of this node goes by its path", () => {
  mkdirSync(join(dir, "team"));
  writeFileSync(join(dir, "team", "log.json"), '{"defaultAction":"SCMP_ACT_LOG"}');
  expect(local("team/log.json")).toEqual({ type: "Localhost", localhost: join(dir, "team/log.json") });
});

test("the others need no file", () => {
  expect(seccompOf({ type: "RuntimeDefault" }, dir)).toEqual({ type: "RuntimeDefault" });
  expect(seccompOf({ type: "Unconfined" }, dir)).toEqual({ type: "Unconfined" });
});

test.each([
  ["", "it is empty"],
  ["\n", "it is empty"],
  ["hush {", "it is not JSON"],
  ["{}", "it has no defaultAction"],
  ["null", "it has no defaultAction"],
  ['{"default_action":"SCMP_ACT_ERRNO"}', "it has no defaultAction"],
  ['{"defaultAction":"allow"}', "it has no defaultAction"],
])("a profile that holds %j is refused", (text, problem) => {
  writeFileSync(join(dir, "p.json"), text);
  expect(() => local("p.json")).toThrow(`seccomp profile "p.json" cannot be used: ${problem}`);
  expect(() => local("p.json")).not.toThrow(/hush/);
});

test.each(["", "/etc/passwd", "../p.json", "team/../../p.json"])("a profile at %j is not this node's", (path) => {
  expect(() => local(path)).toThrow("not a path below the node's folder of profiles");
});

test("what is not there, no file, or too large is refused", () => {
  expect(() => local("p.json")).toThrow("there is no such file");
  mkdirSync(join(dir, "folder"));
  expect(() => local("folder")).toThrow("it is not a file");
  writeFileSync(join(dir, "large.json"), " ".repeat(1024 * 1024 + 1));
  expect(() => local("large.json")).toThrow("it is larger than 1048576 bytes");
});
