import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { pods } from "../../../api/core/pod/pod.js";
import { TestNode } from "../../../e2e/harness/agent-node.js";
import { eventually } from "../../eventually.test-kit.js";
import { checkMappings } from "./host-ports.js";

describe("ports of the host", () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await TestNode.start("127.64.212.0/24");
  });
  afterAll(() => node.close());

  const program = `require("node:http").createServer((_, answer) => answer.end(process.env.HOSTNAME)).listen(8000, process.env.POD_IP)`;
  const spec = (hostPort: number) => ({
    containers: [
      { name: "main", image: "node", command: ["node", "-e", program], ports: [{ containerPort: 8000, hostPort }] },
    ],
  });
  const ask = async (address: string, port: number): Promise<string> =>
    (await fetch(`http://${address}:${port}`, { headers: { connection: "close" } })).text();

  /** One that is free now. */
  async function listening() {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return { server, port: (server.address() as AddressInfo).port };
  }

  it("lead to the pod that asks for them, at the node's address and the host's own, until it ends", async () => {
    const { server, port } = await listening();
    await new Promise((resolve) => server.close(resolve));
    await node.create("served", spec(port));
    for (const address of ["127.64.212.1", "127.0.0.1"])
      expect(await eventually(() => ask(address, port))).toBe("served");
    await node.api.client.delete(pods, {
      namespace: "default",
      name: "served",
    });
    await node.gone("served");
    await expect(ask("127.0.0.1", port)).rejects.toThrow();
  });

  it("that another program has are told of, and led as soon as they are free", async () => {
    const { server, port } = await listening();
    await node.create("late", spec(port));
    await eventually(async () => {
      const told = await node.told();
      const wanted = `HostPortNotServed: TCP 127.0.0.1:${port} is not served: another program listens`;
      if (!told.some((text) => text.startsWith(wanted))) throw new Error(told.join());
    });
    expect(await eventually(() => ask("127.64.212.1", port))).toBe("late");
    await new Promise((resolve) => server.close(resolve));
    expect(await eventually(() => ask("127.0.0.1", port))).toBe("late");
  });

  it("are refused at addresses that others on the network reach", () => {
    const mapping = { protocol: "TCP" as const, containerPort: 80, hostPort: 80 };
    expect(() => checkMappings([{ ...mapping, hostIP: "192.0.2.1" }])).toThrow("hostIP 192.0.2.1 of hostPort 80");
    expect(() => checkMappings([{ ...mapping, protocol: "SCTP" }])).toThrow("SCTP");
    checkMappings([mapping, { ...mapping, hostIP: "127.0.0.1" }, { ...mapping, hostIP: "0.0.0.0" }]);
  });
});
