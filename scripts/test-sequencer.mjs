// The longest suites first, so that no worker is left with one when the others have nothing to do any more.
import { relative } from "node:path";
import sequencer from "@jest/test-sequencer";
import { root } from "./setup.mjs";

const TestSequencer = sequencer.default ?? sequencer;

/** Seconds, roughly: what jest has not run here yet. */
const known = {
  "e2e/components.test.ts": 100,
  "e2e/containers.test.ts": 60,
  "e2e/conformance/storage-volumes.test.ts": 60,
  "e2e/conformance/storage-config-map.test.ts": 60,
  "e2e/conformance/node-pods.test.ts": 60,
  "e2e/kubectl.test.ts": 60,
  "e2e/kubectl-streams.test.ts": 55,
  "e2e/conformance/network-services.test.ts": 55,
  "e2e/conformance/node-probes.test.ts": 55,
  "e2e/conformance/network-pods.test.ts": 50,
  "e2e/conformance/node-environment.test.ts": 50,
  "e2e/kubectl-containers.test.ts": 45,
  "e2e/helm-charts.test.ts": 45,
  "e2e/node-cut-off.test.ts": 40,
  "e2e/conformance/node-security.test.ts": 40,
  "e2e/images.test.ts": 35,
  "e2e/garbage.test.ts": 35,
  "e2e/helm.test.ts": 35,
  "e2e/certificate-renewal.test.ts": 35,
  "e2e/conformance/node-streams.test.ts": 30,
  "e2e/conformance/node-containers.test.ts": 30,
  "apiserver/storage/etcd/etcd.test.ts": 30,
  "apiserver/storage/crash/crash.test.ts": 30,
};
const otherWholeClusters = 15;

const secondsOf = ({ path, duration }) => {
  if (duration) return duration / 1000;
  const name = relative(root, path);
  return known[name] ?? (name.startsWith("e2e/") ? otherWholeClusters : 0);
};

export default class LongestFirst extends TestSequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => secondsOf(b) - secondsOf(a));
  }
}
