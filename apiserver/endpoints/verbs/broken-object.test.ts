import { systemClock } from "../../../base/clock.js";
import { openMemory } from "../../storage/memory/memory.js";
import { type ApiKit, openApiKit } from "../api.test-kit.js";

const pods = "/api/v1/namespaces/default/pods";

describe("an object in the store that no client could have written", () => {
  let kit: ApiKit;
  beforeEach(async () => {
    const storage = openMemory({ clock: systemClock });
    const metadata = { name: "broken", namespace: "default", uid: "u1", creationTimestamp: "2030-01-01T00:00:00Z" };
    const pod = {
      kind: "Pod",
      apiVersion: "v1",
      metadata,
      spec: { containers: [{ name: 7, image: {} }], volumes: "none" },
    };
    await storage.create("/registry/pods/default/broken", Buffer.from(JSON.stringify(pod)));
    kit = await openApiKit({ storage });
  });
  afterEach(() => kit.close());

  it("is seen, and can be deleted", async () => {
    const { body } = await kit.json("GET", `${pods}/broken`);
    expect(body.metadata.name).toBe("broken");
    expect((await kit.json("GET", pods)).body.items).toHaveLength(1);
    expect((await kit.json("DELETE", `${pods}/broken?gracePeriodSeconds=0`)).status).toBe(200);
    expect((await kit.json("GET", pods)).body.items).toEqual([]);
  });
});
