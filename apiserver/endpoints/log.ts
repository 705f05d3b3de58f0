import { notSupported } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { badRequest, invalid } from "../../apimachinery/status.js";
import type { AgentDialer } from "../outbound/agent-dialer.js";
import type { Answer } from "../request.js";
import { agentRefusal } from "./agent-answer.js";
import { textAnswer } from "./paths.js";
import { agentPath, chooseContainer, nodeOf, targetPod } from "./pod-location.js";
import { booleanOf } from "./query.js";
import type { SubresourceEndpoint } from "./subresources.js";
import { relayUpgrade, upgradeHeaders } from "./upgrade.js";

/** A container's output, streamed from the agent that runs it: as a body, or as the messages of a WebSocket. */
export const logEndpoint = (dialer: AgentDialer): SubresourceEndpoint => ({
  resource: "pods",
  name: "log",
  methods: ["GET"],
  async handle(context, api): Promise<Answer> {
    const { request, signal } = context;
    const query = logQuery(api.target.name, request.query);
    const pod = await targetPod(api);
    const container = chooseContainer(pod, request.query.get("container") ?? "");
    const node = await nodeOf(api, pod);
    if (!node) return textAnswer(200, "", "text/plain");
    const path = agentPath("containerLogs", pod, [container], query);
    if (request.upgrade) {
      const headers = upgradeHeaders(request);
      return relayUpgrade(context, dialer, { node, path, headers });
    }
    const response = await dialer.get({ node, path, signal });
    if (response.statusCode !== 200) throw await agentRefusal(response, pod.metadata.name);
    return { type: "stream", status: 200, headers: { "content-type": "text/plain" }, body: response };
  },
});

const streams = ["All", "Stdout", "Stderr"];
const flags = ["follow", "previous", "timestamps"];
const counts: Readonly<Record<string, number>> = { tailLines: 0, limitBytes: 1, sinceSeconds: 1 };
/** Read elsewhere, or meant for the server's own answer. */
const others: ReadonlySet<string> = new Set(["container", "pretty", "timeout"]);

/** What the agent is asked, checked as Kubernetes checks PodLogOptions. */
function logQuery(pod: string, given: URLSearchParams): URLSearchParams {
  const query = new URLSearchParams();
  const errors: FieldError[] = [];
  for (const [name, text] of given) {
    const minimum = Object.hasOwn(counts, name) ? counts[name] : undefined;
    if (others.has(name)) continue;
    if (flags.includes(name)) {
      if (booleanOf(given, name)) query.set(name, "true");
    } else if (text === "") {
    } else if (minimum !== undefined) {
      const count = integer(name, text);
      const message = `must be greater than ${minimum === 0 ? "or equal to 0" : "0"}`;
      if (count < minimum) errors.push({ path: name, reason: "Invalid", value: count, message });
      query.set(name, String(count));
    } else if (name === "sinceTime") {
      if (Number.isNaN(Date.parse(text))) throw badRequest(`invalid sinceTime: ${JSON.stringify(text.slice(0, 64))}`);
      query.set(name, text);
    } else if (name === "stream") {
      if (!streams.includes(text)) errors.push(notSupported("stream", text, streams));
      else if (text !== "All") query.set("stream", text);
    } else if (name !== "insecureSkipTLSVerifyBackend" || booleanOf(given, name)) {
      throw badRequest(`the query parameter ${JSON.stringify(name.slice(0, 64))} is not supported for logs`);
    }
  }
  if (query.has("sinceSeconds") && query.has("sinceTime"))
    errors.push({
      path: "",
      reason: "Forbidden",
      message: "at most one of `sinceTime` or `sinceSeconds` may be specified",
    });
  if (query.has("stream") && query.has("tailLines"))
    errors.push({
      path: "",
      reason: "Forbidden",
      message: "`tailLines` and specific `stream` are mutually exclusive for now",
    });
  if (errors.length > 0) throw invalid({ group: "", kind: "PodLogOptions" }, pod, errors);
  return query;
}

function integer(name: string, text: string): number {
  const value = Number(text);
  if (!/^-?\d{1,15}$/.test(text))
    throw badRequest(`${name}: ${JSON.stringify(text.slice(0, 64))} is not a whole number`);
  return value;
}
