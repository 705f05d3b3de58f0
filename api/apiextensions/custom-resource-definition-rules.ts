import { dns1035Label, dnsSubdomain } from "../../apimachinery/names.js";
import { invalid, invalidFor, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import type {
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionStatus,
  CustomResourceDefinitionVersion,
} from "./custom-resource-definition.js";

/** What follows from a kind's name. */
export const nameDefaults = ({
  kind,
  singular,
  listKind,
}: CustomResourceDefinitionNames): Partial<CustomResourceDefinitionNames> =>
  kind === ""
    ? {}
    : { ...(singular ? {} : { singular: kind.toLowerCase() }), ...(listKind ? {} : { listKind: `${kind}List` }) };

export const freshStatus = ({
  versions = [],
}: Partial<CustomResourceDefinitionSpec>): CustomResourceDefinitionStatus => {
  const storedVersions = versions.filter(({ storage }) => storage).map(({ name }) => name);
  return {
    conditions: [notServed("NamesAccepted"), notServed("Established")],
    acceptedNames: { plural: "", kind: "" },
    ...(storedVersions.length > 0 ? { storedVersions } : {}),
  };
};

/** Names that are not accepted are what Helm stops waiting at; those that stay open it waits for, for a minute. */
const notServed = (type: string): CustomResourceDefinitionCondition => ({
  type,
  status: "False",
  reason: "NotServed",
  message: "this cluster serves no custom resources yet",
});

export function definitionRules(name: string, spec: CustomResourceDefinitionSpec): readonly FieldError[] {
  const { group, names, versions } = spec;
  const errors: FieldError[] = [];
  const expected = `${names.plural}.${group}`;
  if (name !== expected) errors.push(invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group'));
  errors.push(...invalidFor("spec.group", group, dnsSubdomain(group)));
  if (!group.includes(".")) errors.push(invalid("spec.group", group, "should be a domain with at least one dot"));
  errors.push(...nameErrors(names), ...versionErrors(versions));
  if (spec.preserveUnknownFields === true)
    errors.push(invalid("spec.preserveUnknownFields", true, "must be false in order to use defaults in the schema"));
  const { strategy, webhook } = spec.conversion;
  if (strategy === "Webhook" && !webhook?.clientConfig)
    errors.push(required("spec.conversion.webhook.clientConfig", "required when strategy is set to Webhook"));
  return errors;
}

function nameErrors(names: CustomResourceDefinitionNames): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { plural, kind, singular = "", listKind = "", shortNames = [], categories = [] } = names;
  const at = (field: string): string => `spec.names.${field}`;
  if (plural === "") errors.push(required(at("plural"), ""));
  else errors.push(...invalidFor(at("plural"), plural, dns1035Label(plural)));
  if (singular !== "") errors.push(...invalidFor(at("singular"), singular, dns1035Label(singular)));
  if (kind === "") errors.push(required(at("kind"), ""));
  else errors.push(...kindErrors(at("kind"), kind));
  if (listKind !== "") errors.push(...kindErrors(at("listKind"), listKind));
  if (kind !== "" && kind === listKind)
    errors.push(invalid(at("listKind"), listKind, "kind and listKind may not be the same"));
  for (const [index, short] of shortNames.entries())
    errors.push(...invalidFor(at(`shortNames[${index}]`), short, dns1035Label(short)));
  for (const [index, category] of categories.entries())
    errors.push(...invalidFor(at(`categories[${index}]`), category, dns1035Label(category)));
  return errors;
}

const kindErrors = (path: string, kind: string): readonly FieldError[] =>
  dns1035Label(kind.toLowerCase()).map((message) =>
    invalid(path, kind, `may have mixed case, but should otherwise match: ${message}`),
  );

function versionErrors(versions: readonly CustomResourceDefinitionVersion[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  const names = versions.map(({ name }) => name);
  if (new Set(names).size < names.length)
    errors.push(invalid("spec.versions", names, "must contain unique version names"));
  if (versions.filter(({ storage }) => storage).length !== 1)
    errors.push(invalid("spec.versions", names, "must have exactly one version marked as storage version"));
  for (const [index, { name, schema, deprecated, deprecationWarning }] of versions.entries()) {
    const at = `spec.versions[${index}]`;
    errors.push(...invalidFor(`${at}.name`, name, dns1035Label(name)));
    const root = schema?.openAPIV3Schema;
    if (!root) errors.push(required(`${at}.schema.openAPIV3Schema`, "schemas are required"));
    else if (root.type !== "object" && root["x-kubernetes-preserve-unknown-fields"] !== true)
      errors.push(
        root.type === undefined
          ? required(`${at}.schema.openAPIV3Schema.type`, "must not be empty at the root")
          : invalid(`${at}.schema.openAPIV3Schema.type`, root.type, "must be object at the root"),
      );
    if (deprecationWarning !== undefined && !deprecated)
      errors.push(invalid(`${at}.deprecationWarning`, deprecationWarning, "can only be set for deprecated versions"));
  }
  return errors;
}

/** A version in which objects may be stored has to stay. */
export function storedVersionRules(
  { versions }: CustomResourceDefinitionSpec,
  { storedVersions = [] }: CustomResourceDefinitionStatus = {},
): readonly FieldError[] {
  const known = new Set(versions.map(({ name }) => name));
  return storedVersions.flatMap((version, index) =>
    known.has(version) ? [] : [invalid(`status.storedVersions[${index}]`, version, "must appear in spec.versions")],
  );
}
