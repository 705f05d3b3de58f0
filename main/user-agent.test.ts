import { userAgentOf } from "./user-agent.js";

it.each([
  ["system:kube-controller-manager", "kube-controller-manager"],
  ["system:kube-scheduler", "kube-scheduler"],
  ["system:node:node-0", "kubelet"],
  ["kubernetes-admin", "navarch"],
])("%s calls itself %s", (user, component) => {
  expect(userAgentOf(user, "v1.36.0+navarch.1.2.3")).toMatch(
    new RegExp(`^${component}/v1\\.36\\.0\\+navarch\\.1\\.2\\.3 \\(\\w+/\\w+\\) navarch$`),
  );
});
