import { namespaces } from "../../api/core/namespace.js";
import type { Container } from "../../api/core/pod/container.js";
import { secrets } from "../../api/core/secret.js";
import { systemClock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import { seededRandom } from "../../base/random.js";
import { type LocalApi, openLocalApi } from "../../e2e/harness/local-api.js";
import { container, pod } from "../pod/pod.test-kit.js";
import { type PullOptions, type Runtime, RuntimeError } from "../runtime/runtime.js";
import { simulatedNode } from "../runtime/simulated/node.js";
import { ImageManager } from "./image-manager.js";
import { PullRecords } from "./pull-records.js";

const forever = new AbortController().signal;
let api: LocalApi;
let pulls: PullOptions[];
let told: string[];
/** What the registry says to one pull; undefined: here it is. */
let answer: (options: PullOptions) => string | undefined;
/** When the runtime has the image, and has not said so yet. */
let afterPull: () => Promise<void>;
let images: ImageManager;
/** Another agent, without the records of the one before it. */
let forget: () => void;

beforeEach(async () => {
  api = await openLocalApi();
  await api.client.create(namespaces, { metadata: { name: "default" } });
  pulls = [];
  told = [];
  answer = () => undefined;
  afterPull = async () => {};
  const simulated = simulatedNode({ clock: systemClock, random: seededRandom(1) }).runtime;
  const runtime: Runtime = Object.create(simulated, {
    features: { value: { ...simulated.features, isReal: true } },
    imageStatus: { value: (image: string) => simulated.imageStatus(image) },
    pullImage: {
      value: async (image: string, options: PullOptions) => {
        pulls.push(options);
        await new Promise((resolve) => setImmediate(resolve));
        const problem = answer(options);
        if (problem !== undefined) throw new RuntimeError("ErrImagePull", problem);
        const pulled = await simulated.pullImage(image, options);
        await afterPull();
        return pulled;
      },
    },
  });
  forget = () => {
    const records = new PullRecords(undefined, silentLog);
    images = new ImageManager({ client: api.client, runtime, clock: systemClock, records });
  };
  forget();
});
afterEach(() => api.close());

let podCount = 0;
const ensure = (
  parts: Partial<Container>,
  pullSecrets: readonly string[] = [],
  uid = `pod-${podCount++}`,
): Promise<string> =>
  images
    .ensure({
      pod: pod({ imagePullSecrets: pullSecrets.map((name) => ({ name })) }, { metadata: { uid } }),
      container: container("main", parts),
      signal: forever,
      tell: (type, reason, message) => told.push(`${type} ${reason}: ${message}`),
    })
    .then(
      () => "here",
      (error: unknown) => (error instanceof RuntimeError ? `${error.reason}: ${error.message}` : String(error)),
    );

const login = (name: string, auths: Readonly<Record<string, string>>) =>
  api.client.create(secrets, {
    metadata: { name, namespace: "default" },
    type: "kubernetes.io/dockerconfigjson",
    stringData: {
      ".dockerconfigjson": JSON.stringify({
        auths: Object.fromEntries(Object.entries(auths).map(([host, password]) => [host, { username: "u", password }])),
      }),
    },
  });
const passwords = (): readonly unknown[] => pulls.map(({ auth }) => auth?.password);

test("pulls what is missing, and says so", async () => {
  expect(await ensure({ image: "r.example/app", imagePullPolicy: "IfNotPresent" })).toBe("here");
  expect(told).toEqual([
    'Normal Pulling: Pulling image "r.example/app"',
    expect.stringMatching(
      /^Normal Pulled: Successfully pulled image "r.example\/app" in [\d.]+m?s \([\d.]+m?s including waiting\)\. Image size: \d+ bytes\.$/,
    ),
  ]);
  expect(await ensure({ image: "r.example/app:latest", imagePullPolicy: "IfNotPresent" })).toBe("here");
  expect(told[2]).toBe(
    'Normal Pulled: Container image "r.example/app:latest" already present on machine and can be accessed by the pod',
  );
  expect(pulls.length).toBe(1);
});

test("what the runtime has while it is pulled with a password is not for others yet", async () => {
  await login("right", { "r.example": "one" });
  let other: Promise<string> | undefined;
  afterPull = async () => {
    afterPull = async () => {};
    other = ensure({ image: "r.example/app", imagePullPolicy: "Never" });
    await other;
  };
  expect(await ensure({ image: "r.example/app" }, ["right"])).toBe("here");
  expect(await other).toMatch(/^ErrImageNeverPull: .* does not have the proper credentials/);
});

test("what came though its pull was told to have failed is for those alone who show a password", async () => {
  await login("right", { "r.example": "one" });
  afterPull = async () => {
    afterPull = async () => {};
    throw new RuntimeError("ErrImagePull", "the connection broke off");
  };
  expect(await ensure({ image: "r.example/app" }, ["right"])).toMatch("broke off");
  expect(await ensure({ image: "r.example/app", imagePullPolicy: "Never" })).toMatch(/^ErrImageNeverPull/);
  expect(await ensure({ image: "r.example/app" }, ["right"])).toBe("here");
  expect(pulls.length).toBe(2);
});

test("a pull that fails takes nothing away from those who have the image", async () => {
  const parts = { image: "r.example/app:1" };
  await ensure(parts);
  forget();
  answer = () => "denied";
  await login("wrong", { "r.example": "one" });
  expect(await ensure({ ...parts, imagePullPolicy: "Always" }, ["wrong"])).toMatch("denied");
  expect(await ensure({ ...parts, imagePullPolicy: "Never" })).toBe("here");
});

test("Always asks the registry each time", async () => {
  for (let turn = 0; turn < 2; turn++) await ensure({ image: "r.example/app:1", imagePullPolicy: "Always" });
  expect(pulls.length).toBe(2);
});

test("Never takes what is there", async () => {
  const problem = 'Container image "r.example/app" is not present with pull policy of Never';
  expect(await ensure({ image: "r.example/app", imagePullPolicy: "Never" })).toBe(`ErrImageNeverPull: ${problem}`);
  expect(told).toEqual([`Warning ErrImageNeverPull: ${problem}`]);
  await ensure({ image: "r.example/app" });
  expect(await ensure({ image: "r.example/app", imagePullPolicy: "Never" })).toBe("here");
});

test("a name that cannot be read is said to be one", async () => {
  const problem = `Failed to apply default image tag "My App": couldn't parse image name "My App": invalid reference format: repository name (library/My App) must be lowercase`;
  expect(await ensure({ image: "My App" })).toBe(`InvalidImageName: ${problem}`);
  expect(told).toEqual([`Warning InspectFailed: ${problem}`]);
});

test("every credential that matches is tried, and all problems are told, each once", async () => {
  await login("wrong", { "r.example": "one", "r.example/team": "two", "other.example": "three" });
  answer = ({ auth }) => (auth?.password === "one" ? "no such user" : "denied");
  expect(await ensure({ image: "r.example/team/app" }, ["wrong"])).toBe("ErrImagePull: [denied, no such user]");
  expect(passwords()).toEqual(["two", "one"]);
  answer = () => "denied";
  expect(await ensure({ image: "r.example/team/app" }, ["wrong"])).toBe("ErrImagePull: denied");
  answer = ({ auth }) => (auth?.password === "one" ? undefined : "denied");
  expect(await ensure({ image: "r.example/team/app" }, ["wrong"])).toBe("here");
});

test("a secret that is not there is told, and the image is asked for without it", async () => {
  expect(await ensure({ image: "r.example/app" }, ["missing", "gone"])).toBe("here");
  expect(told[1]).toBe(
    "Warning FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (missing, gone); attempting to pull the image may not succeed.",
  );
  expect(passwords()).toEqual([undefined]);
});

test("no password reaches an event, whatever the runtime says", async () => {
  await login("pull", { "r.example": "p@ss/word" });
  const encoded = Buffer.from("u:p@ss/word").toString("base64");
  answer = ({ auth }) => `https://u:p%40ss%2Fword@r.example ${auth?.password} Basic ${encoded} refused`;
  const problem = "https://u:[hidden]@r.example [hidden] Basic [hidden] refused";
  expect(await ensure({ image: "r.example/app" }, ["pull"])).toBe(`ErrImagePull: ${problem}`);
  expect(told.at(-1)).toBe(`Warning Failed: Failed to pull image "r.example/app": ${problem}`);
});

test("several containers at once: one pull of one image", async () => {
  const wanted = { image: "r.example/app:1" };
  expect(await Promise.all([ensure(wanted), ensure(wanted), ensure(wanted)])).toEqual(["here", "here", "here"]);
  expect(pulls.length).toBe(1);
});

test("pulls with different passwords are not one pull", async () => {
  await login("good", { "r.example": "right" });
  answer = ({ auth }) => (auth ? undefined : "denied");
  const wanted = { image: "r.example/app:1" };
  expect(await Promise.all([ensure(wanted, ["good"]), ensure(wanted)])).toEqual(["here", "ErrImagePull: denied"]);
});

test("an image pulled with a password is not for a pod without one, though it is here", async () => {
  await login("good", { "r.example": "right" });
  await login("same", { "r.example": "right" });
  answer = ({ auth }) => (auth?.password === "right" ? undefined : "denied");
  const wanted = { image: "r.example/app:1", imagePullPolicy: "IfNotPresent" } as const;
  expect(await ensure(wanted, ["good"])).toBe("here");
  expect(await ensure(wanted)).toBe("ErrImagePull: denied");
  expect(await ensure({ ...wanted, imagePullPolicy: "Never" })).toMatch(
    /^ErrImageNeverPull: .* does not have the proper credentials to access the image$/,
  );
  const before = pulls.length;
  expect(await ensure(wanted, ["same"])).toBe("here");
  expect(await ensure({ ...wanted, imagePullPolicy: "Never" }, ["good"])).toBe("here");
  expect(pulls.length).toBe(before);
});

test("a pod that has had the image gets it again, though its secret has gone", async () => {
  await login("good", { "r.example": "right" });
  answer = ({ auth }) => (auth?.password === "right" ? undefined : "denied");
  const wanted = { image: "r.example/app:1", imagePullPolicy: "IfNotPresent" } as const;
  expect(await ensure(wanted, ["good"], "first")).toBe("here");
  expect(await ensure(wanted, ["good"], "second")).toBe("here");
  await api.client.delete(secrets, { namespace: "default", name: "good" });
  expect(await ensure(wanted, ["good"], "first")).toBe("here");
  expect(await ensure(wanted, ["good"], "second")).toBe("here");
  expect(await ensure(wanted, ["good"], "third")).toBe("ErrImagePull: denied");
});
