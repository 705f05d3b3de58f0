import fc from "fast-check";
import type { Deployment } from "../../api/apps/deployment.js";
import type { ReplicaSet } from "../../api/apps/replicaset.js";
import { sameTemplate } from "../../api/apps/revision-history.js";
import type { PodTemplateSpec } from "../../api/core/pod/template.js";
import type { Action } from "../framework/plan.js";
import { reconcileDeployment } from "./deployment.js";
import { maxSurge, maxUnavailable } from "./replica-sets.js";

const startMs = Date.UTC(2030, 0, 2);

const template = (image: string): PodTemplateSpec =>
  ({
    metadata: { labels: { app: "web" } },
    spec: { containers: [{ name: "main", image }] },
  }) as unknown as PodTemplateSpec;

function aDeployment(
  spec: Partial<Deployment["spec"]> = {},
  metadata: Partial<Deployment["metadata"]> = {},
): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: "web",
      namespace: "default",
      uid: "deployment-uid",
      resourceVersion: "1",
      creationTimestamp: "2030-01-01T00:00:00Z",
      generation: 1,
      ...metadata,
    },
    spec: {
      replicas: 4,
      selector: { matchLabels: { app: "web" } },
      template: template("web:1"),
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec,
    },
  };
}

/** ReplicaSets that do at once what they are told, except that pods become available only when the test says so. */
class World {
  deployment: Deployment;
  sets: ReplicaSet[] = [];
  nowMs = startMs;
  #made = 0;

  constructor(deployment: Deployment) {
    this.deployment = deployment;
  }

  decide() {
    return reconcileDeployment(
      this.deployment,
      { candidates: this.sets, pods: [], nameTakenBy: undefined },
      { nowMs: this.nowMs },
    );
  }

  /** One reconcile, carried out; answers how much was done. */
  step(): number {
    const { actions, status } = this.decide();
    for (const action of actions) this.#carryOut(action);
    if (status) this.deployment = { ...this.deployment, status };
    return actions.length;
  }

  settle(): void {
    for (let round = 0; round < 200; round++) {
      const done = this.step();
      const moved = this.makeAvailable(Number.POSITIVE_INFINITY);
      if (done === 0 && !moved) return;
    }
    throw new Error("it does not settle");
  }

  edit(spec: Partial<Deployment["spec"]>): void {
    const generation = (this.deployment.metadata.generation ?? 0) + 1;
    this.deployment = {
      ...this.deployment,
      metadata: { ...this.deployment.metadata, generation },
      spec: { ...this.deployment.spec, ...spec },
    };
  }

  /** Pods of the youngest set become available, so many at most. */
  makeAvailable(count: number): boolean {
    let left = count;
    let moved = false;
    this.sets = this.sets.map((set) => {
      const available = set.status?.availableReplicas ?? 0;
      const next = Math.min(set.spec.replicas, available + Math.max(0, left));
      if (next > available) left -= next - available;
      const status = reported(set, next);
      moved ||= JSON.stringify(status) !== JSON.stringify(set.status);
      return { ...set, status };
    });
    return moved;
  }

  get total(): number {
    return this.sets.reduce((sum, { spec }) => sum + spec.replicas, 0);
  }
  get available(): number {
    return this.sets.reduce(
      (sum, { spec, status }) => sum + Math.min(spec.replicas, status?.availableReplicas ?? 0),
      0,
    );
  }
  sizes(): Record<string, number> {
    return Object.fromEntries(this.sets.map((set) => [imageOf(set), set.spec.replicas]));
  }

  #carryOut(action: Action): void {
    if (action.type === "create") {
      const number = ++this.#made;
      const draft = action.object as unknown as ReplicaSet;
      const made = {
        ...draft,
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        metadata: {
          ...draft.metadata,
          uid: `set-${number}`,
          resourceVersion: String(number),
          generation: 1,
          creationTimestamp: `2030-01-01T00:${String(number).padStart(2, "0")}:00Z`,
        },
      };
      this.sets.push({ ...made, status: reported(made, 0) });
    }
    if (action.type === "update") {
      const changed = action.object as ReplicaSet;
      const available = Math.min(changed.spec.replicas, changed.status?.availableReplicas ?? 0);
      this.sets = this.sets.map((set) =>
        set.metadata.uid === changed.metadata.uid ? { ...changed, status: reported(changed, available) } : set,
      );
    }
    if (action.type === "delete") {
      this.sets = this.sets.filter(({ metadata }) => metadata.uid !== action.object.metadata.uid);
    }
    if (action.type === "patch") {
      const { metadata } = this.deployment;
      const annotations = { ...metadata.annotations, ...(action.body.metadata as Deployment["metadata"]).annotations };
      this.deployment = { ...this.deployment, metadata: { ...metadata, annotations } };
    }
  }
}

const reported = ({ spec, metadata }: ReplicaSet, available: number): NonNullable<ReplicaSet["status"]> => ({
  replicas: spec.replicas,
  readyReplicas: available,
  availableReplicas: available,
  ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
});
const imageOf = ({ spec }: ReplicaSet): string => spec.template.spec?.containers[0]?.image ?? "";
const conditionOf = (world: World, type: string) =>
  world.deployment.status?.conditions?.find((condition) => condition.type === type);

test("the first ReplicaSet carries hash, revision and sizes, and selects by its hash", () => {
  const world = new World(
    aDeployment({}, { annotations: { note: "x", "kubectl.kubernetes.io/last-applied-configuration": "{}" } }),
  );
  const { actions, status } = world.decide();
  const [create] = actions;
  const set = (create?.type === "create" ? create.object : undefined) as unknown as ReplicaSet;
  const hash = set.metadata.labels?.["pod-template-hash"];
  expect(set.metadata.name).toBe(`web-${hash}`);
  expect(set.spec.selector.matchLabels).toEqual({ app: "web", "pod-template-hash": hash });
  expect(set.spec.template.metadata?.labels).toEqual({ app: "web", "pod-template-hash": hash });
  expect(set.metadata.annotations).toEqual({
    note: "x",
    "deployment.kubernetes.io/revision": "1",
    "deployment.kubernetes.io/desired-replicas": "4",
    "deployment.kubernetes.io/max-replicas": "5",
  });
  expect(status?.conditions?.map(({ type, reason }) => `${type}=${reason}`)).toContain(
    "Progressing=NewReplicaSetCreated",
  );
});

test("rolling: one more, one less, until all are new", () => {
  const world = new World(aDeployment());
  world.settle();
  world.edit({ template: template("web:2") });
  const seen: string[] = [];
  for (let round = 0; round < 40; round++) {
    world.step();
    world.makeAvailable(1);
    const { "web:1": old = 0, "web:2": fresh = 0 } = world.sizes();
    if (seen.at(-1) !== `${old}+${fresh}`) seen.push(`${old}+${fresh}`);
  }
  expect(seen[0]).toBe("4+1");
  expect(seen.at(-1)).toBe("0+4");
  expect(conditionOf(world, "Progressing")).toMatchObject({ status: "True", reason: "NewReplicaSetAvailable" });
});

test("a template that never becomes available stops at maxUnavailable and is told after the deadline", () => {
  const world = new World(aDeployment());
  world.settle();
  world.edit({ template: template("broken") });
  for (let round = 0; round < 20; round++) world.step();
  expect(world.available).toBe(3);
  expect(world.sizes()).toEqual({ "web:1": 3, broken: 2 });
  const { requeueAfterMs } = world.decide();
  expect(requeueAfterMs).toBeLessThanOrEqual(601_000);
  world.nowMs += 601_000;
  world.step();
  const name = world.sets.at(-1)?.metadata.name;
  expect(conditionOf(world, "Progressing")).toMatchObject({
    status: "False",
    reason: "ProgressDeadlineExceeded",
    message: `ReplicaSet "${name}" has timed out progressing.`,
  });
  world.edit({ template: template("web:1") });
  world.settle();
  expect(world.sizes()).toEqual({ "web:1": 4, broken: 0 });
  expect(world.deployment.metadata.annotations?.["deployment.kubernetes.io/revision"]).toBe("3");
  expect(conditionOf(world, "Progressing")?.reason).toBe("NewReplicaSetAvailable");
});

test("Recreate makes no new pod before the old ones are gone", () => {
  const world = new World(aDeployment({ strategy: { type: "Recreate" } }));
  world.settle();
  world.edit({ template: template("web:2") });
  world.step();
  expect(world.sizes()).toEqual({ "web:1": 0 });
  world.sets = world.sets.map((set) => ({ ...set, status: { replicas: 1 } }));
  expect(world.decide().actions).toEqual([]);
  world.makeAvailable(0);
  world.settle();
  expect(world.sizes()).toEqual({ "web:1": 0, "web:2": 4 });
});

test("paused: nothing rolls, sizes follow in proportion, and it says so", () => {
  const world = new World(
    aDeployment({
      replicas: 10,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } },
    }),
  );
  world.settle();
  world.edit({ template: template("web:2") });
  for (let round = 0; round < 3; round++) world.step();
  expect(world.sizes()).toEqual({ "web:1": 8, "web:2": 5 });
  world.edit({ paused: true });
  world.step();
  expect(conditionOf(world, "Progressing")).toMatchObject({ status: "Unknown", reason: "DeploymentPaused" });
  world.edit({ replicas: 15 });
  world.step();
  expect(world.total).toBe(18);
  expect(world.sizes()).toEqual({ "web:1": 11, "web:2": 7 });
  world.edit({ paused: false });
  world.settle();
  expect(world.sizes()).toEqual({ "web:1": 0, "web:2": 15 });
});

test.each(["RollingUpdate", "Recreate"])(
  "history is kept to its limit with %s, the oldest revisions going first",
  (type) => {
    const world = new World(
      aDeployment({ revisionHistoryLimit: 2, strategy: { type } as Deployment["spec"]["strategy"] }),
    );
    for (const image of ["web:1", "web:2", "web:3", "web:4", "web:5"]) {
      world.edit({ template: template(image) });
      world.settle();
    }
    expect(world.sizes()).toEqual({ "web:3": 0, "web:4": 0, "web:5": 4 });
  },
);

test("a name that another has raises the collision count, and the next name differs", () => {
  const world = new World(aDeployment());
  const taken = { ...aDeployment(), kind: "ReplicaSet" } as unknown as ReplicaSet;
  const plan = reconcileDeployment(world.deployment, { candidates: [], pods: [], nameTakenBy: taken }, world);
  expect(plan.actions).toEqual([]);
  expect(plan.status?.collisionCount).toBe(1);
  const nameOf = (deployment: Deployment) => {
    const [action] = reconcileDeployment(
      deployment,
      { candidates: [], pods: [], nameTakenBy: undefined },
      world,
    ).actions;
    return action?.type === "create" ? action.object.metadata.name : "";
  };
  const after = { ...world.deployment, ...(plan.status ? { status: plan.status } : {}) };
  expect(nameOf(after)).not.toBe(nameOf(world.deployment));
});

test("a ReplicaSet written before a default existed is still the current one", () => {
  const before = template("web:1");
  const filled = {
    ...before,
    spec: { ...before.spec, terminationGracePeriodSeconds: 30, dnsPolicy: "ClusterFirst", restartPolicy: "Always" },
  } as unknown as PodTemplateSpec;
  expect(sameTemplate(before, filled)).toBe(true);
  const world = new World(aDeployment());
  world.settle();
  const [set] = world.sets;
  world.edit({ template: filled });
  world.settle();
  expect(world.sets.map(({ metadata }) => metadata.uid)).toEqual([set?.metadata.uid]);
  expect(sameTemplate(before, template("web:2"))).toBe(false);
  const empties = { ...before, spec: { ...before.spec, tolerations: [], volumes: [] } } as unknown as PodTemplateSpec;
  expect(sameTemplate(before, empties)).toBe(true);
});

test("failures of its ReplicaSets and of making one are its own", () => {
  const world = new World(aDeployment());
  const plan = world.decide();
  expect(plan.statusOnFailure?.(new Error("no quota")).conditions).toContainEqual(
    expect.objectContaining({
      type: "Progressing",
      status: "False",
      reason: "ReplicaSetCreateError",
      message: "no quota",
    }),
  );
  world.settle();
  const failure = { type: "ReplicaFailure", status: "True" as const, reason: "FailedCreate", message: "no quota" };
  world.sets = world.sets.map((set) => ({ ...set, status: { replicas: 4, conditions: [failure] } }));
  world.step();
  expect(conditionOf(world, "ReplicaFailure")).toMatchObject(failure);
});

const bound = fc.oneof(
  fc.nat({ max: 4 }),
  fc.integer({ min: 0, max: 100 }).map((share) => `${share}%`),
);
const edit = fc.oneof(
  fc.record({ what: fc.constant("image" as const), value: fc.nat({ max: 3 }) }),
  fc.record({ what: fc.constant("replicas" as const), value: fc.nat({ max: 8 }) }),
  fc.record({ what: fc.constant("available" as const), value: fc.nat({ max: 3 }) }),
);

test("through any edits it stays within surge, gives up no pod that is needed, and ends complete", () => {
  fc.assert(
    fc.property(bound, bound, fc.array(edit, { maxLength: 30 }), (surge, unavailable, edits) => {
      const strategy = {
        type: "RollingUpdate" as const,
        rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable },
      };
      const world = new World(aDeployment({ strategy }));
      world.settle();
      let most = world.total;
      for (const { what, value } of edits) {
        if (what === "image") world.edit({ template: template(`web:${value}`) });
        if (what === "replicas") world.edit({ replicas: value });
        if (what === "available") world.makeAvailable(value);
        // A smaller size takes effect step by step: what was allowed before may still be there.
        const limit = Math.max(world.deployment.spec.replicas + maxSurge(world.deployment), world.total);
        const needed = Math.min(world.available, world.deployment.spec.replicas - maxUnavailable(world.deployment));
        world.step();
        expect(world.total).toBeLessThanOrEqual(limit);
        if (what !== "replicas") expect(world.available).toBeGreaterThanOrEqual(needed);
        most = Math.max(most, world.total);
      }
      world.settle();
      const { replicas } = world.deployment.spec;
      expect(world.total).toBe(replicas);
      expect(world.deployment.status?.updatedReplicas ?? 0).toBe(replicas);
      expect(conditionOf(world, "Progressing")?.reason).toBe("NewReplicaSetAvailable");
    }),
    { numRuns: 150 },
  );
});
