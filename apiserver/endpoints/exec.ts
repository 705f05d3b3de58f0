import { badRequest } from "../../apimachinery/status.js";
import type { AgentDialer } from "../outbound/agent-dialer.js";
import type { Answer } from "../request.js";
import { agentPath, chooseContainer, nodeOf, targetPod } from "./pod-location.js";
import { booleanOf } from "./query.js";
import type { SubresourceEndpoint } from "./subresources.js";
import { relayUpgrade, upgradeHeaders, upgradeRequired } from "./upgrade.js";

/** Runs a program in a container. */
export const execEndpoint = (dialer: AgentDialer): SubresourceEndpoint =>
  streamEndpoint(dialer, "exec", (given) => {
    const command = given.getAll("command").map((part): [string, string] => ["command", part]);
    if (command.length === 0) throw badRequest("you must specify at least one command for the container");
    return new URLSearchParams([...command, ...streamsQuery(given)]);
  });

/** Joins a container's own input and output. */
export const attachEndpoint = (dialer: AgentDialer): SubresourceEndpoint =>
  streamEndpoint(dialer, "attach", streamsQuery);

/**
 * A conversation with a container. Who may, and where it goes, is decided here; the rest is between client and agent,
 * and its bytes are relayed as they are.
 */
const streamEndpoint = (
  dialer: AgentDialer,
  name: "exec" | "attach",
  queryOf: (given: URLSearchParams) => URLSearchParams,
): SubresourceEndpoint => ({
  resource: "pods",
  name,
  methods: ["GET", "POST"],
  async handle(context, api): Promise<Answer> {
    const { request } = context;
    if (!request.upgrade) throw upgradeRequired();
    const query = queryOf(request.query);
    const pod = await targetPod(api);
    const { phase } = pod.status ?? {};
    if (phase === "Succeeded" || phase === "Failed")
      throw badRequest(
        `cannot ${name === "exec" ? "exec into" : "attach"} a container in a completed pod; current phase is ${phase}`,
      );
    const container = chooseContainer(pod, request.query.get("container") ?? "");
    const node = await nodeOf(api, pod);
    if (!node) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
    // After all else: a client that falls back to another protocol must not lose sight of what was wrong first.
    const headers = upgradeHeaders(request);
    return relayUpgrade(context, dialer, { node, path: agentPath(name, pod, [container], query), headers });
  },
});

const streams = ["stdin", "stdout", "stderr", "tty"];

function streamsQuery(given: URLSearchParams): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of streams) if (booleanOf(given, name)) query.set(name, "true");
  if (!["stdin", "stdout", "stderr"].some((name) => query.has(name)))
    throw badRequest("you must specify at least 1 of stdin, stdout, stderr");
  return query;
}
