import { badRequest } from "../../apimachinery/status.js";
import type { AgentDialer } from "../outbound/agent-dialer.js";
import { agentPath, nodeOf, targetPod } from "./pod-location.js";
import type { SubresourceEndpoint } from "./subresources.js";
import { relayUpgrade, upgradeHeaders, upgradeRequired } from "./upgrade.js";

/** Connections to ports of a pod: between client and agent, relayed as they are. */
export const portForwardEndpoint = (dialer: AgentDialer): SubresourceEndpoint => ({
  resource: "pods",
  name: "portforward",
  methods: ["GET", "POST"],
  async handle(context, api) {
    const { request } = context;
    if (!request.upgrade) throw upgradeRequired();
    const query = new URLSearchParams(request.query.getAll("ports").map((port): [string, string] => ["ports", port]));
    const pod = await targetPod(api);
    const { phase } = pod.status ?? {};
    if (phase === "Succeeded" || phase === "Failed")
      throw badRequest(`cannot forward ports of a completed pod; current phase is ${phase}`);
    const node = await nodeOf(api, pod);
    if (!node) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
    const headers = upgradeHeaders(request);
    return relayUpgrade(context, dialer, { node, path: agentPath("portForward", pod, [], query), headers });
  },
});
