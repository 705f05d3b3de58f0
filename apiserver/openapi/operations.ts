/** What can be asked under which path, as a value: both versions of OpenAPI are written from it. */
import { apiVersionOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { subresourceKind } from "../registry/subresource-kinds.js";
import {
  connectionParameters,
  createParameters,
  deleteCollectionParameters,
  deleteParameters,
  listParameters,
  nameParameter,
  namespaceParameter,
  type Parameter,
  patchParameters,
  pretty,
  tailParameter,
  updateParameters,
} from "./parameters.js";

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}
export type Method = "get" | "put" | "post" | "patch" | "delete";
/** What goes over the wire: an object of a kind, its list, one of the machinery's kinds, or plain text. */
export type Content = ObjectContent | { readonly type: "text" };
export type ObjectContent =
  | { readonly type: "object" | "list"; readonly kind: GroupVersionKind }
  | { readonly type: "delete-options" | "patch" | "status" };

export interface Operation {
  readonly method: Method;
  readonly id: string;
  readonly description: string;
  /** `x-kubernetes-action`. */
  readonly action: string;
  readonly kind: GroupVersionKind;
  readonly parameters: readonly Parameter[];
  readonly body?: { readonly content: Content; readonly required: boolean };
  readonly answers: readonly { readonly status: number; readonly content: Content }[];
  /** The answer may be a watch. */
  readonly watchable?: true;
}
export interface PathItem {
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly operations: readonly Operation[];
}

/** The objects that go over the wire under a path. */
export const contentsOf = ({ operations }: PathItem): readonly ObjectContent[] =>
  operations
    .flatMap(({ body, answers }) => [...(body ? [body] : []), ...answers])
    .flatMap(({ content }) => (content.type === "text" ? [] : [content]));

/** `/apis/apps/v1`. */
export const rootOf = (resource: { readonly group: string; readonly version: string }): string =>
  `/${resource.group === "" ? "api" : "apis"}/${apiVersionOf(resource)}`;

/** Every path of a resource, its subresources included. */
export function pathsOf(definition: ResourceDefinition): readonly PathItem[] {
  const { plural, scope, kind } = definition;
  const namespaced = scope === "Namespaced";
  const root = rootOf(definition);
  const collection = `${root}${namespaced ? "/namespaces/{namespace}" : ""}/${plural}`;
  const within = namespaced ? [namespaceParameter, pretty] : [pretty];
  const named = [nameParameter(kind), ...within];
  const subject = namespaced ? `Namespaced${kind}` : kind;
  const items: PathItem[] = [
    { path: collection, parameters: within, operations: collectionOperations(definition, subject) },
    { path: `${collection}/{name}`, parameters: named, operations: objectOperations(definition, subject) },
    ...subresourceNames(definition).flatMap((name) =>
      subresourcePaths(definition, { name, subject, path: `${collection}/{name}/${name}`, parameters: named }),
    ),
  ];
  if (namespaced && definition.verbs.includes("list"))
    items.push({
      path: `${root}/${plural}`,
      parameters: [pretty],
      operations: [listOperation(definition, `list${groupId(definition)}${kind}ForAllNamespaces`)],
    });
  return items.filter(({ operations }) => operations.length > 0);
}

/** `AppsV1`, `RbacAuthorizationV1`. */
function groupId({ group, version }: { readonly group: string; readonly version: string }): string {
  const parts = group === "" ? ["core"] : group.replace(/\.k8s\.io$/, "").split(".");
  return [...parts, version].map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("");
}

/** `core_v1`, `rbacAuthorization_v1`. */
export function tagOf({ group, version }: { readonly group: string; readonly version: string }): string {
  const id = groupId({ group, version: "" });
  return `${id.charAt(0).toLowerCase()}${id.slice(1)}_${version}`;
}

function collectionOperations(definition: ResourceDefinition, subject: string): readonly Operation[] {
  const { verbs, kind } = definition;
  const id = groupId(definition);
  const operations: Operation[] = [];
  if (verbs.includes("list")) operations.push(listOperation(definition, `list${id}${subject}`));
  if (verbs.includes("create"))
    operations.push({
      ...write(definition, "post", `create${id}${subject}`, createParameters),
      description: `Create a ${kind}.`,
    });
  if (verbs.includes("deletecollection"))
    operations.push({
      method: "delete",
      id: `delete${id}Collection${subject}`,
      description: `Delete all objects of kind ${kind} that fit the selectors.`,
      action: "deletecollection",
      kind: definition,
      parameters: deleteCollectionParameters,
      body: { content: { type: "delete-options" }, required: false },
      answers: [{ status: 200, content: { type: "status" } }],
    });
  return operations;
}

const listOperation = (definition: ResourceDefinition, id: string): Operation => ({
  method: "get",
  id,
  description: `List or watch objects of kind ${definition.kind}.`,
  action: "list",
  kind: definition,
  parameters: listParameters,
  answers: [{ status: 200, content: { type: "list", kind: definition } }],
  ...(definition.verbs.includes("watch") ? { watchable: true } : {}),
});

function objectOperations(definition: ResourceDefinition, subject: string): readonly Operation[] {
  const { verbs, kind } = definition;
  const id = groupId(definition);
  const content: Content = { type: "object", kind: definition };
  const operations: Operation[] = [];
  if (verbs.includes("get"))
    operations.push({
      ...read(definition, `read${id}${subject}`, content),
      description: `Read the ${kind} of this name.`,
    });
  if (verbs.includes("update"))
    operations.push({
      ...write(definition, "put", `replace${id}${subject}`, updateParameters),
      description: `Replace the ${kind} of this name.`,
    });
  if (verbs.includes("patch"))
    operations.push({
      ...write(definition, "patch", `patch${id}${subject}`, patchParameters),
      description: `Change parts of the ${kind} of this name.`,
    });
  if (verbs.includes("delete"))
    operations.push({
      method: "delete",
      id: `delete${id}${subject}`,
      description: `Delete the ${kind} of this name.`,
      action: "delete",
      kind: definition,
      parameters: deleteParameters,
      body: { content: { type: "delete-options" }, required: false },
      answers: [200, 202].map((status) => ({ status, content: { type: "status" } })),
    });
  return operations;
}

const read = (kind: GroupVersionKind, id: string, content: Content) =>
  ({ method: "get", id, action: "get", kind, parameters: [], answers: [{ status: 200, content }] }) as const;

function write(
  kind: GroupVersionKind,
  method: "put" | "post" | "patch",
  id: string,
  parameters: readonly Parameter[],
): Omit<Operation, "description"> {
  const content: Content = { type: "object", kind };
  const statuses = method === "post" ? [200, 201, 202] : [200, 201];
  return {
    method,
    id,
    action: method,
    kind,
    parameters,
    body: { content: method === "patch" ? { type: "patch" } : content, required: true },
    answers: statuses.map((status) => ({ status, content })),
  };
}

function subresourceNames({ subresources: { status, scale, others = {} } }: ResourceDefinition): readonly string[] {
  return [...Object.keys(others), ...(status ? ["status"] : []), ...(scale ? ["scale"] : [])].sort();
}

const methods: ReadonlyMap<string, { readonly method: Method; readonly word: string }> = new Map([
  ["get", { method: "get", word: "read" }],
  ["update", { method: "put", word: "replace" }],
  ["create", { method: "post", word: "create" }],
  ["patch", { method: "patch", word: "patch" }],
  ["delete", { method: "delete", word: "delete" }],
]);

interface Place {
  readonly name: string;
  readonly subject: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
}

function subresourcePaths(definition: ResourceDefinition, place: Place): readonly PathItem[] {
  const { name, subject, path, parameters } = place;
  const { group, version, kind } = definition;
  const own = subresourceKind(definition.plural, name) ?? { group, version, kind };
  const verbs = definition.subresources.others?.[name] ?? ["get", "patch", "update"];
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  const connection = connectionParameters(name);
  if (connection) {
    const item = { path, parameters: [...parameters, ...connection] };
    const operations = verbs.map((verb) => connect(definition, { verb, kind: own, subject: `${subject}${capital}` }));
    if (name !== "proxy") return [{ ...item, operations }];
    const further = operations.map((operation) => ({ ...operation, id: `${operation.id}WithPath` }));
    return [
      { ...item, operations },
      { path: `${path}/{path}`, parameters: [...item.parameters, tailParameter], operations: further },
    ];
  }
  const operations = verbs.flatMap((verb): Operation[] => {
    const known = methods.get(verb);
    if (!known || known.method === "delete") return [];
    const { method, word } = known;
    const id = `${word}${groupId(definition)}${subject}${capital}`;
    const description = `${word.charAt(0).toUpperCase()}${word.slice(1)} ${name} of the ${kind} of this name.`;
    if (method === "get") return [{ ...read(own, id, { type: "object", kind: own }), description }];
    return [{ ...write(own, method, id, method === "patch" ? patchParameters : updateParameters), description }];
  });
  return [{ path, parameters, operations }];
}

function connect(
  definition: ResourceDefinition,
  { verb, kind, subject }: { readonly verb: string; readonly kind: GroupVersionKind; readonly subject: string },
): Operation {
  const method = methods.get(verb)?.method ?? "get";
  const isLog = subject.endsWith("Log");
  const word = method.charAt(0).toUpperCase() + method.slice(1);
  const id = groupId(definition);
  return {
    method,
    id: isLog ? `read${id}${subject}` : `connect${id}${word}${subject}`,
    description: isLog ? `Read the log of the ${definition.kind} of this name.` : `Connect to the ${definition.kind}.`,
    action: isLog ? "get" : "connect",
    kind,
    parameters: [],
    answers: [{ status: 200, content: { type: "text" } }],
  };
}
