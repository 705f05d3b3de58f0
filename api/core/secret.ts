import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { boolean, bytes, map, optional, string } from "../../apimachinery/schema/schema.js";
import { dataErrors, immutabilityErrors } from "./data-rules.js";
import { secretTypeErrors } from "./secret-types.js";

/** Passwords, keys and certificates for pods to use. */
export const secrets = defineResource({
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  scope: "Namespaced",
  fields: {
    /**
     * What the data are for, such as `kubernetes.io/tls`, which decides the keys required; `Opaque` where nothing is
     * said.
     */
    type: string({ default: "Opaque" }),
    /** Values in base64, by key; 1 MiB at most in all. */
    data: optional(map(bytes())),
    /** Written in plain; becomes `data`, never read back. */
    stringData: optional(map(string())),
    /** True forbids any later change of the data, for good. */
    immutable: optional(boolean()),
  },
  immutable: ["type"],
  prepare: ({ stringData, ...secret }) =>
    stringData ? { ...secret, data: { ...secret.data, ...encoded(stringData) } } : secret,
  validate: (secret, old) => [
    ...dataErrors(secret, ["data"]),
    ...secretTypeErrors(secret),
    ...(old ? immutabilityErrors(secret, old, ["data"]) : []),
  ],
  selectableFields: { type: ({ type }) => type },
  columns: [
    nameColumn,
    { name: "Type", cell: ({ type }) => type },
    { name: "Data", cell: ({ data = {} }) => Object.keys(data).length },
    ageColumn,
  ],
});
export interface Secret extends ObjectOf<typeof secrets> {}

/** stringData is data for writers who do not want to encode it: it is never read back. */
const encoded = (texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString("base64")]));
