import fc from "fast-check";
import type { Pod } from "../../api/core/pod/pod.js";
import { container, pod } from "./pod.test-kit.js";
import { happenings, World } from "./world.test-kit.js";

const policies = fc.constantFrom("Always" as const, "OnFailure" as const, "Never" as const);
const ownPolicies = fc.option(policies, { nil: undefined, freq: 3 });
const specs = fc.record({
  restartPolicy: policies,
  inits: fc.array(
    fc.record({ isSidecar: fc.boolean(), own: fc.option(fc.constant("Never" as const), { nil: undefined }) }),
    {
      maxLength: 4,
    },
  ),
  mains: fc.array(ownPolicies, { minLength: 1, maxLength: 3 }),
  deadlineSeconds: fc.option(fc.constantFrom(5, 600, 100_000), { nil: undefined, freq: 4 }),
});
type Spec = typeof specs extends fc.Arbitrary<infer T> ? T : never;

const podOf = ({ restartPolicy, inits, mains, deadlineSeconds }: Spec): Pod =>
  pod(
    {
      restartPolicy,
      initContainers: inits.map(({ isSidecar, own }, index) =>
        container(`init-${index}`, isSidecar ? { restartPolicy: "Always" } : own ? { restartPolicy: own } : {}),
      ),
      containers: mains.map((own, index) => container(`main-${index}`, own ? { restartPolicy: own } : {})),
      ...(deadlineSeconds === undefined ? {} : { activeDeadlineSeconds: deadlineSeconds }),
    },
    { metadata: { generation: 1 } },
  );

/** What a pod that nobody disturbs any more has come to. */
function isAsDeclared(world: World, spec: Spec): void {
  const running = world.running.map(({ name }) => name);
  expect(new Set(running).size).toBe(running.length);
  const { phase } = world.pod.status ?? {};
  if (world.pod.metadata.deletionTimestamp !== undefined) {
    expect(world.forgotten).toBe(true);
    expect([world.sandboxes, world.containers]).toEqual([[], []]);
    return;
  }
  if (spec.deadlineSeconds !== undefined) {
    // 301 s pass each round: whatever its deadline, a pod that is not over before it has met it, or is on its way there.
    if (world.deadlineMs() <= world.nowMs) {
      expect(["Succeeded", "Failed"]).toContain(phase);
      expect(running).toEqual([]);
      return;
    }
  }
  if (phase === "Succeeded" || phase === "Failed") {
    expect(running).toEqual([]);
    const policies = world.pod.spec.containers.map(({ restartPolicy }) => restartPolicy ?? spec.restartPolicy);
    const initMayFail = spec.restartPolicy === "Never" || spec.inits.some(({ own }) => own === "Never");
    if (!initMayFail) expect(policies).not.toContain("Always");
    return;
  }
  const sidecars = (world.pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  for (const { name } of sidecars) expect(running).toContain(name);
  for (const { name, restartPolicy = spec.restartPolicy } of world.pod.spec.containers) {
    const isDone =
      (restartPolicy === "Never" && world.ends.has(name)) ||
      (restartPolicy === "OnFailure" && world.ends.get(name)?.code === 0);
    expect([name, running.includes(name)]).toEqual([name, !isDone]);
  }
  expect(world.pod.status?.conditions?.find(({ type }) => type === "Initialized")?.status).toBe("True");
}

describe("plans and statuses, whatever happens", () => {
  it("keep every promise on the way, and come to rest in the declared state", () => {
    fc.assert(
      fc.property(specs, happenings, (spec, events) => {
        const world = new World(podOf(spec));
        for (const event of events) {
          world.happen(event);
          if (!world.forgotten) world.round();
        }
        world.settle();
        isAsDeclared(world, spec);
      }),
      { numRuns: Number(process.env.NAVARCH_PLAN_RUNS ?? 250) },
    );
  });
});
