import type { Status } from "../../apimachinery/status.js";
import type { Client } from "../../client/client.js";

export interface Answer {
  readonly code: number;
  readonly text: string;
  /** Of an error: what its body says. */
  readonly status: Partial<Status>;
}

/** One request, byte for byte as given, and the whole answer. */
export async function send(
  client: Client,
  method: string,
  path: string,
  body?: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await client.raw({
    method,
    path,
    headers: {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(answerTimeoutMs),
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  return { code: response.status, text, status: statusIn(text) };
}

const answerTimeoutMs = 30_000;

function statusIn(text: string): Partial<Status> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "kind" in value && value.kind === "Status"
      ? { ...value, kind: "Status" }
      : {};
  } catch {
    return {};
  }
}
