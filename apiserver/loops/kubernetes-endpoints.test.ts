import { systemClock } from "../../base/clock.js";
import { call, startTestServer } from "../apiserver.test-kit.js";
import { openMemory } from "../storage/memory/memory.js";
import { endpointsOf } from "./kubernetes-endpoints.js";

describe("the endpoints of the API servers", () => {
  it("are one subset a port, and a slice of the lowest port, whatever their order", () => {
    const servers = [
      { address: "10.0.0.2", port: 6443 },
      { address: "10.0.0.1", port: 6443 },
      { address: "10.0.0.1", port: 7443 },
    ];
    const made = endpointsOf(servers);
    expect(endpointsOf(servers.toReversed())).toEqual(made);
    expect(made.subsets).toMatchObject([
      { addresses: [{ ip: "10.0.0.1" }, { ip: "10.0.0.2" }], ports: [{ port: 6443 }] },
      { addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 7443 }] },
    ]);
    expect(made.slice).toMatchObject({ addressType: "IPv4", endpoints: [{ addresses: ["10.0.0.1"] }, {}] });
  });

  it("name every server that runs, and no longer the one that ended", async () => {
    const storage = openMemory({ clock: systemClock });
    const one = await startTestServer({ storage, kubernetesService: { address: "10.1.2.3", port: 6443 } });
    const two = await startTestServer({ storage, kubernetesService: { address: "10.1.2.4", port: 6443 } });
    const as = await one.identity({ user: "admin", groups: ["system:masters"] });
    const addresses = async () => {
      const { body } = await call(one, "GET", "/api/v1/namespaces/default/endpoints/kubernetes", { as });
      return body.subsets.flatMap(({ addresses: all }: { addresses: { ip: string }[] }) => all.map(({ ip }) => ip));
    };
    expect(await addresses()).toEqual(["10.1.2.3", "10.1.2.4"]);
    await two.stop();
    expect(await addresses()).toEqual(["10.1.2.3"]);
    await one.stop();
    await storage.close();
  });
});
