import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toYaml } from "../apimachinery/codec/yaml.js";
import { VirtualClock } from "../base/virtual-clock.js";
import { KubeconfigError, kubeconfigOf, loadConnection, writeKubeconfig } from "./kubeconfig.js";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "navarch-kubeconfig-"));
});
afterEach(() => rm(directory, { recursive: true }));

const content = {
  server: "https://127.0.0.1:6443",
  caCertificate: "CA PEM",
  identity: { certificate: "CERT PEM", key: "KEY PEM" },
};
const written = async (config: object): Promise<string> => {
  const path = join(directory, "config");
  await writeFile(path, toYaml(config));
  return path;
};

test("what is written is for its owner alone, and is read back as it was meant", async () => {
  const path = join(directory, "deep", "kubeconfig");
  await writeKubeconfig(path, content);
  await writeKubeconfig(path, { ...content, server: "https://127.0.0.1:7443" });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, "utf8")).not.toContain("KEY PEM");
  expect(await loadConnection(path)).toEqual({
    server: "https://127.0.0.1:7443",
    tls: { ca: "CA PEM", certificate: "CERT PEM", key: "KEY PEM" },
    token: undefined,
    namespace: "default",
  });
});

test("certificates may lie in files beside it, and a token file is read again as it changes", async () => {
  for (const [name, text] of [
    ["ca.crt", "CA"],
    ["token", "first\n"],
  ] as const)
    await writeFile(join(directory, name), text);
  const path = await written({
    clusters: [
      { name: "c", cluster: { server: "https://host", "certificate-authority": "ca.crt", "tls-server-name": "other" } },
    ],
    users: [{ name: "u", user: { tokenFile: "token" } }],
    contexts: [
      { name: "one", context: { cluster: "c", user: "u", namespace: "team" } },
      { name: "nobody", context: { cluster: "c" } },
    ],
    "current-context": "one",
  });
  const clock = new VirtualClock();
  const connection = await loadConnection(path, { clock });
  expect(connection).toMatchObject({ namespace: "team", tls: { ca: "CA", serverName: "other" } });
  expect(connection.token?.()).toBe("first");
  await writeFile(join(directory, "token"), "second");
  expect(connection.token?.()).toBe("first");
  await clock.advance(61_000);
  expect(connection.token?.()).toBe("second");
  expect((await loadConnection(path, { context: "nobody" })).token).toBeUndefined();
});

const base = kubeconfigOf(content) as { users: { name: string; user: object }[]; clusters: { cluster: object }[] };
test.each<[string, object, RegExp]>([
  [
    "a program for credentials",
    { ...base, users: [{ name: "admin", user: { exec: { command: "sh" } } }] },
    /exec, which is not supported/,
  ],
  ["an auth-provider", { ...base, users: [{ name: "admin", user: { "auth-provider": {} } }] }, /auth-provider/],
  ["a missing context", { ...base, "current-context": "x" }, /context "x" does not exist/],
  ["no clusters", { ...base, clusters: [] }, /cluster "navarch" does not exist/],
  ["lists that are none", { ...base, clusters: "x" }, /cluster "navarch" does not exist/],
  ["no server", { ...base, clusters: [{ name: "navarch", cluster: {} }] }, /names no server/],
])("a kubeconfig with %s is refused by name", async (_, config, message) => {
  const path = await written(config);
  const error = await loadConnection(path).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(KubeconfigError);
  expect(String(error)).toMatch(message);
  expect(String(error)).toContain(path);
});

test("a file that is missing or no YAML is told by its name", async () => {
  await expect(loadConnection(join(directory, "none"))).rejects.toThrow(/cannot load kubeconfig .*none/);
  const path = join(directory, "bad");
  await writeFile(path, "a: [");
  await expect(loadConnection(path)).rejects.toThrow(KubeconfigError);
});
