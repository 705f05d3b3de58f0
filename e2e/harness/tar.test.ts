import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, property, record, stringMatching, uint8Array } from "fast-check";
import { file, folder, hardlink, symlink, tarOf } from "./tar.js";

const list = (archive: Buffer): string =>
  spawnSync("tar", ["-tvPf", "-"], { input: archive, encoding: "utf8", env: { ...process.env, TZ: "UTC" } }).stdout;

test("the same entries give the same bytes", () => {
  const entries = [folder("a"), file("a/b", "text")];
  expect(tarOf(entries).equals(tarOf(entries))).toBe(true);
});

test("modes, owners and links arrive as given", () => {
  const text = list(
    tarOf([
      folder("tmp", { mode: 0o1777 }),
      file("bin/run", "x", { mode: 0o755, uid: 12, gid: 34 }),
      symlink("sh", "/bin/run"),
      hardlink("again", "bin/run"),
      { type: "character", path: "dev/null", mode: 0o666, major: 1, minor: 3 },
    ]),
  );
  expect(text.split("\n").map((line) => line.replace(/ +/g, " "))).toEqual([
    "drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp/",
    "-rwxr-xr-x 12/34 1 1970-01-01 00:00 bin/run",
    "lrw-r--r-- 0/0 0 1970-01-01 00:00 sh -> /bin/run",
    "hrw-r--r-- 0/0 0 1970-01-01 00:00 again link to bin/run",
    "crw-rw-rw- 0/0 1,3 1970-01-01 00:00 dev/null",
    "",
  ]);
});

test("paths that a careful reader refuses are written as they are", () => {
  const text = list(tarOf([file("/etc/passwd", ""), file("../../escape", ""), symlink("out", "../../..")]));
  expect(text).toContain(" /etc/passwd\n");
  expect(text).toContain(" ../../escape\n");
  expect(text).toContain(" out -> ../../..\n");
});

test("any file of any name is unpacked unharmed", () => {
  const dir = mkdtempSync(join(tmpdir(), "tar-test-"));
  try {
    assert(
      property(
        record({
          name: stringMatching(/^[a-zä€]{1,120}$/),
          target: stringMatching(/^[a-z/]{1,200}$/),
          content: uint8Array(),
        }),
        ({ name, target, content }) => {
          const { status } = spawnSync("tar", ["-xf", "-", "-C", dir], {
            input: tarOf([file(name, content), symlink(`${name}.link`, target)]),
          });
          expect(status).toBe(0);
          expect(readFileSync(join(dir, name)).equals(Buffer.from(content))).toBe(true);
          expect(spawnSync("readlink", [join(dir, `${name}.link`)], { encoding: "utf8" }).stdout).toBe(`${target}\n`);
        },
      ),
      { numRuns: 25 },
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
