import { hostsFile, resolverFile } from "./host-files.js";
import { pod } from "./pod.test-kit.js";
import { kernelNameOf } from "./sandbox.js";

describe("the hosts file of a pod", () => {
  it("has the pod's names and those that its author wants", () => {
    const of = pod({
      hostname: "h",
      subdomain: "s",
      hostAliases: [
        { ip: "1.2.3.4", hostnames: ["a", "b"] },
        { ip: "5.6.7.8", hostnames: ["c"] },
      ],
    });
    const lines = hostsFile(of, ["10.0.0.1"]).split("\n");
    expect(lines[0]).toBe("# Kubernetes-managed hosts file.");
    expect(lines).toContain("10.0.0.1\th.s.default.svc.cluster.local\th");
    expect(lines.slice(-5)).toEqual(["", "# Entries added by HostAliases.", "1.2.3.4\ta\tb", "5.6.7.8\tc", ""]);
    expect(hostsFile(pod(), []).includes("HostAliases")).toBe(false);
  });
});

describe("the resolver file of a pod", () => {
  const host = "nameserver 10.0.0.53\nsearch lan\noptions ndots:1 rotate\n";
  it("is the node's own with what the pod adds, or the pod's alone", () => {
    const dnsConfig = {
      nameservers: ["1.1.1.1"],
      searches: ["ns.svc"],
      options: [{ name: "ndots", value: "5" }, { name: "edns0" }],
    };
    expect(resolverFile(pod(), host)).toBeUndefined();
    expect(resolverFile(pod({ dnsPolicy: "Default", dnsConfig }), host)).toBe(
      "nameserver 10.0.0.53\nnameserver 1.1.1.1\nsearch lan ns.svc\noptions rotate ndots:5 edns0\n",
    );
    expect(resolverFile(pod({ dnsPolicy: "None", dnsConfig }), host)).toBe(
      "nameserver 1.1.1.1\nsearch ns.svc\noptions ndots:5 edns0\n",
    );
  });
});

describe("what the kernel of a pod calls itself", () => {
  it("is its hostname, or the full name where that is asked for", () => {
    expect(kernelNameOf(pod())).toBe("p");
    expect(kernelNameOf(pod({ hostname: "h", subdomain: "s" }))).toBe("h");
    expect(kernelNameOf(pod({ setHostnameAsFQDN: true }))).toBe("p");
    expect(kernelNameOf(pod({ hostname: "h", subdomain: "s", setHostnameAsFQDN: true }))).toBe(
      "h.s.default.svc.cluster.local",
    );
  });

  it("is refused where it is longer than a kernel takes", () => {
    const long = pod({ hostname: "h".repeat(40), subdomain: "s", setHostnameAsFQDN: true });
    expect(() => kernelNameOf(long)).toThrow("is too long (64 characters is the max, 68 characters requested)");
  });
});
