import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { container, pod } from "../pod/pod.test-kit.js";
import { nobody, openFolder, ownedFiles, ownershipOf } from "./ownership.js";

const as = (runAsUser: number) => ({ securityContext: { runAsUser } });

test.each([
  ["nobody says a user", pod(), undefined],
  ["the pod says one", pod({ securityContext: { runAsUser: 7 } }), 7],
  ["every container says the same", pod({ containers: [container("a", as(7)), container("b", as(7))] }), 7],
  [
    "one differs",
    pod({ securityContext: { runAsUser: 7 }, containers: [container("a", as(8)), container("b")] }),
    undefined,
  ],
  ["one says none", pod({ containers: [container("a", as(8)), container("b")] }), undefined],
])("the user of all containers, where %s", (_, given, uid) => {
  expect(ownershipOf(given).uid).toBe(uid);
});

const content = Buffer.from("x");
const shown = (uid: number | undefined, gid: number | undefined) =>
  [
    ...ownedFiles(
      new Map([
        ["file", { content, mode: 0o600 }],
        ["token", { content, mode: 0o600, token: true }],
      ]),
      { uid, gid },
    ),
  ].map(([path, file]) => `${path} ${file.mode.toString(8)} ${file.uid ?? "root"}:${file.gid ?? "root"}`);

test("files are the group's to read; a token is for its user alone, or for all where there is none to be known", () => {
  expect(shown(undefined, undefined)).toEqual(["file 600 root:root", "token 644 root:root"]);
  expect(shown(7, undefined)).toEqual(["file 600 root:root", "token 600 7:root"]);
  expect(shown(undefined, 9)).toEqual(["file 640 root:9", "token 640 root:9"]);
  expect(shown(7, 9)).toEqual(["file 640 root:9", "token 640 7:9"]);
});

test("a folder is open to everybody, whatever the umask", () => {
  const dir = mkdtempSync(join(tmpdir(), "ownership-"));
  try {
    openFolder(dir, nobody);
    expect((statSync(dir).mode & 0o7777).toString(8)).toBe("777");
    openFolder(dir, { uid: undefined, gid: process.getgid?.() ?? 0 });
    expect((statSync(dir).mode & 0o7777).toString(8)).toBe("2777");
  } finally {
    rmSync(dir, { recursive: true });
  }
});
