import type { Identity } from "../../base/tls.js";
import { call, type Reply, startTestServer, type TestServer } from "../apiserver.test-kit.js";

let server: TestServer;
let admin: Identity;
const ask = (method: string, path: string, body?: unknown): Promise<Reply> =>
  call(server, method, path, { as: admin, body });
const classes = "/apis/node.k8s.io/v1/runtimeclasses";

beforeAll(async () => {
  server = await startTestServer({});
  admin = await server.identity({ user: "admin", groups: ["system:masters"] });
  await ask("POST", "/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "default" } });
  await ask("POST", classes, { metadata: { name: "plain" }, handler: "runc" });
  await ask("POST", classes, {
    metadata: { name: "costly" },
    handler: "vm",
    overhead: { podFixed: { cpu: "250m", memory: "120Mi" } },
    scheduling: {
      nodeSelector: { kind: "vm" },
      tolerations: [{ key: "vm", operator: "Exists", effect: "NoSchedule" }],
    },
  });
});
afterAll(() => server.stop());

let count = 0;
const create = (spec: object): Promise<Reply> =>
  ask("POST", "/api/v1/namespaces/default/pods", {
    metadata: { name: `p${count++}` },
    spec: { containers: [{ name: "c", image: "x" }], ...spec },
  });

test("a class without further wishes changes nothing", async () => {
  const { status, body } = await create({ runtimeClassName: "plain" });
  expect(status).toBe(201);
  expect(body).not.toHaveProperty("spec.overhead");
});

test("a pod costs what its class costs, and goes where the class runs", async () => {
  const own = { key: "vm", operator: "Exists", effect: "NoSchedule" };
  const { body } = await create({ runtimeClassName: "costly", nodeSelector: { disk: "ssd" }, tolerations: [own] });
  expect(body).toMatchObject({
    spec: { overhead: { cpu: "250m", memory: "120Mi" }, nodeSelector: { disk: "ssd", kind: "vm" } },
  });
  const { spec } = body as { spec: { tolerations: { key: string }[] } };
  expect(spec.tolerations.filter(({ key }) => key === "vm")).toEqual([own]);
  expect((await create({ runtimeClassName: "costly", overhead: { cpu: "0.25", memory: "120Mi" } })).status).toBe(201);
});

test.each([
  [{ runtimeClassName: "none" }, 'pod rejected: RuntimeClass "none" not found'],
  [
    { runtimeClassName: "costly", overhead: { cpu: "1" } },
    "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
  ],
  [
    { runtimeClassName: "plain", overhead: { cpu: "1" } },
    "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
  ],
  [{ overhead: { cpu: "1" } }, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"],
  [
    { runtimeClassName: "costly", nodeSelector: { kind: "metal" } },
    "conflict: runtimeClass.scheduling.nodeSelector[kind] = vm; pod.spec.nodeSelector[kind] = metal",
  ],
])("%j is refused", async (spec, why) => {
  const name = `p${count}`;
  expect((await create(spec)).body).toMatchObject({
    code: 403,
    reason: "Forbidden",
    message: `pods "${name}" is forbidden: ${why}`,
  });
});

test("a class that was deleted is none", async () => {
  await ask("POST", classes, { metadata: { name: "short" }, handler: "runc" });
  await ask("DELETE", `${classes}/short`);
  expect((await create({ runtimeClassName: "short" })).body).toMatchObject({
    message: expect.stringContaining('pod rejected: RuntimeClass "short" not found'),
  });
});
