import { once } from "node:events";
import { createServer } from "node:net";
import { TestNode } from "../../../e2e/harness/agent-node.js";
import { eventually } from "../../eventually.test-kit.js";
import { lowestPort, wideListenerText } from "./port-watch.js";

describe("programs that listen on all addresses", () => {
  it("are told of with the pods whose port they take", () => {
    const text = wideListenerText("main", { port: 80, protocol: "TCP" }, ["a", "b", "c", "d"]);
    expect(text).toContain("container main listens on TCP port 80 of all addresses");
    expect(text).toContain("that port of a, b, c and others");
    expect(text).toContain("let the program bind $POD_IP");
    expect(wideListenerText("main", { port: 80, protocol: "TCP" }, [])).toContain("that port of any other pod");
  });

  it("get an event, those that bind their own address none; a low port is warned of where it is refused", async () => {
    const node = await TestNode.start("127.64.211.0/24");
    try {
      const listen = (host: string): string =>
        `require("node:net").createServer().listen(0, ${host}, function () { console.log(this.address().port); })`;
      const containers = (host: string) => [
        { name: "main", image: "node", command: ["node", "-e", listen(host)], ports: [{ containerPort: 80 }] },
      ];
      await node.create("good", { containers: containers("process.env.POD_IP") });
      await node.create("wide", { containers: containers(`"0.0.0.0"`) });
      await node.create("six", { containers: containers(`"::"`) });
      const told = await eventually(async () => {
        const found = (await node.told()).filter((text) => text.startsWith("ListensOnAllAddresses"));
        if (found.length < 2) throw new Error(`told of ${found.length}`);
        return found;
      });
      expect(told).toEqual(Array.from({ length: 2 }, () => expect.stringMatching(/TCP port \d+ .*good/)));
      const low = (await node.told()).filter((text) => text.startsWith("PortNotPermitted"));
      expect(low).toHaveLength(lowestPort() > 80 ? 3 : 0);
    } finally {
      await node.close();
    }
  });

  it("know the first port that this user may bind", async () => {
    const server = createServer().listen(lowestPort(), "127.213.7.9");
    await once(server, "listening");
    await new Promise((resolve) => server.close(resolve));
  });
});
