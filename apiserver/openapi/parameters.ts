/** Parameters of requests, as OpenAPI tells of them. */

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly type: "string" | "integer" | "boolean";
  readonly description: string;
}

const query = (type: Parameter["type"], name: string, description: string): Parameter => ({
  name,
  in: "query",
  type,
  description,
});
const path = (name: string, description: string): Parameter => ({ name, in: "path", type: "string", description });

const dryRun = query("string", "dryRun", "`All`: go through everything but the write.");
const fieldManager = query("string", "fieldManager", "Who makes the change, for the record of managed fields.");
const fieldValidation = query(
  "string",
  "fieldValidation",
  "What is done about unknown and duplicate fields: `Ignore`, `Warn` (the default) or `Strict`, which refuses them.",
);
const gracePeriodSeconds = query(
  "integer",
  "gracePeriodSeconds",
  "Seconds until the end; absent leaves it to the kind, 0 is at once.",
);
const orphanDependents = query("boolean", "orphanDependents", "The older form of `propagationPolicy`.");
const propagationPolicy = query(
  "string",
  "propagationPolicy",
  "What becomes of the objects that this one owns: `Orphan`, `Background` or `Foreground`.",
);
const selectors = [
  query("string", "continue", "Token of the page before; the rest of the query must be the same."),
  query("string", "fieldSelector", "Only objects whose fields fit."),
  query("string", "labelSelector", "Only objects whose labels fit."),
  query("integer", "limit", "At most this many objects; the answer's `continue` leads to more."),
  query("string", "resourceVersion", "The revision that the answer shows or, with a watch, starts from."),
  query("string", "resourceVersionMatch", "How `resourceVersion` is meant: `Exact` or `NotOlderThan`."),
  query("boolean", "sendInitialEvents", "A watch begins with all objects as they are, then a bookmark."),
  query("integer", "timeoutSeconds", "The answer ends after this time."),
];

export const pretty = query("string", "pretty", "`true`: lay the answer out for people.");
export const nameParameter = (kind: string): Parameter => path("name", `Name of the ${kind}.`);
export const namespaceParameter = path("namespace", "Namespace of the objects.");
export const tailParameter = path("path", "Where the request goes on to.");

export const createParameters = [dryRun, fieldManager, fieldValidation];
export const updateParameters = createParameters;
export const patchParameters = [
  ...createParameters,
  query("boolean", "force", "Take fields over from other managers; server-side apply only."),
];
export const deleteParameters = [dryRun, gracePeriodSeconds, orphanDependents, propagationPolicy];
export const deleteCollectionParameters = [...selectors, ...deleteParameters];
export const listParameters = [
  query("boolean", "allowWatchBookmarks", "Events of type BOOKMARK tell how far the watch has got."),
  ...selectors,
  query("boolean", "watch", "Answer changes as they happen, one event a line."),
];

const container = query("string", "container", "Name of the container; may be absent where there is only one.");
const streams = [
  container,
  query("boolean", "stdin", "Send standard input."),
  query("boolean", "stdout", "Receive standard output."),
  query("boolean", "stderr", "Receive standard error."),
  query("boolean", "tty", "The program gets a terminal."),
];
const proxied = [query("string", "path", "Where the request goes on to.")];
const connections: ReadonlyMap<string, readonly Parameter[]> = new Map([
  ["attach", streams],
  ["exec", [...streams, query("string", "command", "Program and arguments, one a parameter.")]],
  ["portforward", [query("integer", "ports", "Ports to forward.")]],
  ["proxy", proxied],
  [
    "log",
    [
      container,
      query("boolean", "follow", "Go on with what is written from now on."),
      query("boolean", "previous", "Of the container's run before this one."),
      query("integer", "tailLines", "The last lines only."),
      query("integer", "sinceSeconds", "Only what was written in these last seconds."),
      query("string", "sinceTime", "Only what was written since then (RFC 3339)."),
      query("boolean", "timestamps", "Each line begins with its time."),
      query("integer", "limitBytes", "At most this many bytes."),
    ],
  ],
]);

/** What the way into a pod, a service or a node takes; undefined for subresources that are objects. */
export const connectionParameters = (subresource: string): readonly Parameter[] | undefined =>
  connections.get(subresource);
