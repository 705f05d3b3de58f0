import type { Random } from "../../base/random.js";

export const pick = <T>(random: Random, from: readonly T[]): T => {
  const chosen = from[Math.floor(random.next() * from.length)];
  if (chosen === undefined) throw new Error("nothing to pick from");
  return chosen;
};

/** What programs do: last, end well or badly, leave children behind, take no notice of being told to end. */
const lasting: readonly string[] = [
  "trap 'exit 0' TERM; sleep 3600 & wait",
  "trap '' TERM; while :; do sleep 1; done",
  "(sleep 3600 &); trap 'exit 0' TERM; sleep 3600 & wait",
  "setsid sleep 3600 & trap 'exit 143' TERM; while :; do echo line; sleep 1; done",
];
const ending: readonly string[] = ["exit 0", "sleep 0.3", "sleep 1; exit 0", "(sleep 3600 &) ; exit 0"];
const failing: readonly string[] = ["exit 1", "sleep 0.5; exit 42", "kill -9 $$"];

const probe = (random: Random): object => ({
  exec: { command: [pick(random, ["true", "true", "true", "false"])] },
  periodSeconds: 1,
  failureThreshold: pick(random, [1, 3, 30]),
});

function container(random: Random, name: string, programs: readonly string[], more: object = {}): object {
  return {
    name,
    image: "busybox",
    imagePullPolicy: "IfNotPresent",
    command: ["sh", "-c", pick(random, programs)],
    volumeMounts: random.next() < 0.5 ? [{ name: "shared", mountPath: "/shared" }] : [],
    ...more,
  };
}

const times = (random: Random, max: number): readonly number[] => [
  ...Array(Math.floor(random.next() * (max + 1))).keys(),
];

/** The spec of a pod of random shape. */
export function randomPod(random: Random): object {
  const restartPolicy = pick(random, ["Always", "Always", "OnFailure", "Never"]);
  const programs = pick(random, [lasting, lasting, [...lasting, ...ending], [...ending, ...failing]]);
  const mains = times(random, 1).length + 1;
  const probes = (): object => ({
    ...(random.next() < 0.3 ? { readinessProbe: probe(random) } : {}),
    ...(random.next() < 0.1 ? { livenessProbe: probe(random) } : {}),
  });
  return {
    restartPolicy,
    terminationGracePeriodSeconds: pick(random, [0, 1, 2]),
    ...(random.next() < 0.1 ? { activeDeadlineSeconds: pick(random, [2, 5, 20]) } : {}),
    initContainers: times(random, 2).map((index) =>
      random.next() < 0.4
        ? container(random, `side-${index}`, lasting, { restartPolicy: "Always" })
        : container(random, `init-${index}`, random.next() < 0.9 ? ending : failing),
    ),
    containers: [...Array(mains).keys()].map((index) => container(random, `main-${index}`, programs, probes())),
    volumes: [{ name: "shared", ...pick(random, [{ emptyDir: {} }, { configMap: { name: "kube-root-ca.crt" } }]) }],
  };
}
