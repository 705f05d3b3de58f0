import type { Deployment } from "./deployment.js";
import type { ReplicaSet } from "./replicaset.js";
import {
  newReplicaSetOf,
  revisionAfter,
  revisionOf,
  sameTemplate,
  templateHashLabel,
  templateWithoutHash,
} from "./revision-history.js";

const template = (image: string, labels: Record<string, string> = { app: "web" }): Deployment["spec"]["template"] =>
  ({ metadata: { labels }, spec: { containers: [{ name: "a", image }] } }) as unknown as Deployment["spec"]["template"];
const replicaSet = (name: string, image: string, creationTimestamp: string): ReplicaSet =>
  ({
    metadata: { name, creationTimestamp },
    spec: { template: template(image, { app: "web", [templateHashLabel]: name }) },
  }) as unknown as ReplicaSet;

describe("revision history", () => {
  it("compares templates without the label that names the ReplicaSet", () => {
    expect(sameTemplate(template("x"), template("x", { app: "web", [templateHashLabel]: "1" }))).toBe(true);
    expect(sameTemplate(template("x"), template("y"))).toBe(false);
    expect(templateWithoutHash(template("x", { [templateHashLabel]: "1" })).metadata).toEqual({});
  });

  it("finds the oldest ReplicaSet of the present template", () => {
    const sets = [
      replicaSet("b", "x", "2026-01-02T00:00:00Z"),
      replicaSet("a", "x", "2026-01-01T00:00:00Z"),
      replicaSet("c", "y", "2025-01-01T00:00:00Z"),
    ];
    const spec = { template: template("x") } as Deployment["spec"];
    expect(newReplicaSetOf({ spec }, sets)?.metadata.name).toBe("a");
    expect(newReplicaSetOf({ spec }, [])).toBeUndefined();
  });

  it("reads revisions that are numbers", () => {
    const revision = (text: string): bigint =>
      revisionOf({ metadata: { annotations: { "deployment.kubernetes.io/revision": text } } });
    expect([revision("7"), revision("x"), revision(""), revisionOf({ metadata: {} })]).toEqual([7n, 0n, 0n, 0n]);
    const beyondDoubles = 3546343826724305832n;
    expect([revision(`${beyondDoubles}`), revision("9".repeat(19)), revision("9".repeat(99))]).toEqual([
      beyondDoubles,
      0n,
      0n,
    ]);
  });

  it("counts on from the highest, as far as 64 bits reach", () => {
    const last = 2n ** 63n - 1n;
    expect([[], [3n, 1n], [3546343826724305832n], [last]].map(revisionAfter)).toEqual([
      1n,
      4n,
      3546343826724305833n,
      last,
    ]);
  });
});
