import type { IncomingMessage } from "node:http";
import { badRequest, notFound, StatusError } from "../../apimachinery/status.js";

/** What an agent's refusal means to the caller: its text, as the error of the request. */
export async function agentRefusal(response: IncomingMessage, podName: string): Promise<StatusError> {
  const text = await agentText(response);
  const code = response.statusCode ?? 0;
  if (code === 400) return badRequest(text);
  if (code === 404) {
    const { message, details } = notFound({ group: "", plural: "pods" }, podName);
    return new StatusError("NotFound", text === "" ? message : text, details);
  }
  return new StatusError("InternalError", `Internal error occurred: the agent answered ${code}: ${text}`, {
    causes: [{ message: text }],
  });
}

const textMaxBytes = 10 * 1024;

/** The start of an answer's body. */
export async function agentText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= textMaxBytes) break;
  }
  response.destroy();
  return Buffer.concat(chunks).subarray(0, textMaxBytes).toString().trim();
}
