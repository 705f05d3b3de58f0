import { services } from "../api/core/service.js";
import { TestNode } from "../e2e/harness/agent-node.js";
import { eventually } from "./eventually.test-kit.js";

describe("what pods ask of a node", () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await TestNode.start("127.64.209.0/24");
  });
  afterAll(() => node.close());

  it("gives them the services of their namespace by environment, and no rights to gain", async () => {
    const ports = [{ port: 80, protocol: "TCP" as const, targetPort: 80 }];
    await node.api.client.create(services, { metadata: { name: "my-app", namespace: "default" }, spec: { ports } });
    const script = "echo $MY_APP_SERVICE_PORT; grep NoNewPrivs /proc/self/status";
    const run = async (name: string, parts: object): Promise<string | undefined> => {
      const plain = { name: "a", image: "busybox", command: ["sh", "-c", `{ ${script}; } >$NAVARCH_TEST_OUT`] };
      const env = [{ name: "NAVARCH_TEST_OUT", value: "/dev/termination-log" }];
      await node.create(name, { restartPolicy: "Never", containers: [{ ...plain, env }], ...parts });
      const pod = await node.until(name, ({ status }) => status?.phase === "Succeeded");
      return pod.status?.containerStatuses?.[0]?.state?.terminated?.message;
    };
    if (!node.runtime.features.mounts || !node.runtime.features.securityContext.has("allowPrivilegeEscalation")) return;
    const container = {
      ...{ name: "a", image: "busybox", command: ["sh", "-c", `{ ${script}; } >/dev/termination-log`] },
      securityContext: { allowPrivilegeEscalation: false },
    };
    expect(await run("linked", {})).toBe("80\nNoNewPrivs:\t0\n");
    expect(await run("bound", { containers: [container], enableServiceLinks: false })).toBe("\nNoNewPrivs:\t1\n");
  });

  it("gives them hosts and name servers of their own", async () => {
    if (!node.runtime.features.mounts) return;
    const command = [
      "sh",
      "-c",
      "{ sed -n '/named$/,/far/p' /etc/hosts; cat /etc/resolv.conf; } >/dev/termination-log",
    ];
    await node.create("named", {
      ...{ restartPolicy: "Never", hostAliases: [{ ip: "10.1.2.3", hostnames: ["far", "away"] }] },
      dnsPolicy: "None",
      dnsConfig: { nameservers: ["10.9.9.9"], searches: ["a.b"], options: [{ name: "ndots", value: "3" }] },
      containers: [{ name: "a", image: "busybox", command }],
    });
    const { status } = await node.until("named", ({ status }) => status?.phase === "Succeeded");
    expect(status?.containerStatuses?.[0]?.state?.terminated?.message).toBe(
      `${status?.podIP}\tnamed\n\n# Entries added by HostAliases.\n10.1.2.3\tfar\taway\nnameserver 10.9.9.9\nsearch a.b\noptions ndots:3\n`,
    );
  });

  it("says once that limits are not enforced, and runs the pod", async () => {
    const limited = { name: "a", image: "busybox", command: ["true"], resources: { limits: { memory: "64Mi" } } };
    await node.create("limited", { restartPolicy: "Never", containers: [limited, { ...limited, name: "b" }] });
    await node.until("limited", ({ status }) => status?.phase === "Succeeded");
    const warnings = await eventually(async () => {
      const told = (await node.told()).filter((text) => text.startsWith("LimitsNotEnforced"));
      if (told.length === 0) throw new Error("not told");
      return told;
    });
    expect(warnings).toEqual([expect.stringContaining("container a, b")]);
  });

  it("refuses a volume whose promise it cannot keep", async () => {
    await node.create("bounded", {
      volumes: [{ name: "v", emptyDir: { medium: "HugePages-2Mi" } }],
      containers: [{ name: "a", image: "busybox", command: ["true"] }],
    });
    await eventually(async () =>
      expect((await node.told()).join("\n")).toContain("emptyDir.medium HugePages-2Mi is not supported"),
    );
  });
});
