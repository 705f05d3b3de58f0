import { type DeleteOptions, deleteOptions } from "../../apimachinery/delete-options.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { validateSchema } from "../../apimachinery/schema/validate.js";
import { badRequest, invalid } from "../../apimachinery/status.js";
import { isRecord } from "../../base/record.js";
import type { WriteOptions } from "../registry/core.js";
import type { DeleteRequest } from "../registry/deletion.js";
import type { RequestContext } from "../request.js";
import { readBody, toValue } from "./body.js";
import { booleanOf, dryRunOf, integerOf, writeQuery } from "./query.js";

export interface DeleteArguments {
  readonly request: DeleteRequest;
  readonly options: WriteOptions;
}

/** DeleteOptions from the body, or without one from the query. */
export async function readDeleteOptions(context: RequestContext): Promise<DeleteArguments> {
  const { options } = writeQuery(context, "DeleteOptions");
  const body = await readBody(context);
  if (body.value !== undefined) checkKind(body.value);
  const given = body.value === undefined ? fromQuery(context.request.query) : toValue(deleteOptions, body);
  return checkedDeleteOptions(given, options);
}

/** Options may come in any version that has them; another kind was meant for something else. */
function checkKind(value: unknown): void {
  const { kind } = isRecord(value) ? value : {};
  if (kind === undefined || kind === null || kind === "" || kind === "DeleteOptions") return;
  throw badRequest("decoded object cannot be converted to DeleteOptions");
}

/** In this order, and with what stands for none. */
const policies = '"Foreground", "Background", "Orphan", "nil"';

/** Throws Invalid for options that contradict each other. */
export function checkedDeleteOptions(given: DeleteOptions, options: WriteOptions): DeleteArguments {
  const errors = validateSchema(deleteOptions, given).map(
    (error): FieldError =>
      error.path === "propagationPolicy" ? { ...error, message: `supported values: ${policies}` } : error,
  );
  const dryRun = dryRunOf(given.dryRun ?? [], errors);
  const { gracePeriodSeconds, propagationPolicy, orphanDependents } = given;
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    const message = "orphanDependents and deletionPropagation cannot be both set";
    errors.push({ path: "propagationPolicy", reason: "Invalid", value: propagationPolicy, message });
  }
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", errors);
  if (given.ignoreStoreReadErrorWithClusterBreakingPotential)
    throw badRequest("ignoreStoreReadErrorWithClusterBreakingPotential is not supported by this server");
  return {
    request: {
      gracePeriodSeconds: gracePeriodSeconds !== undefined && gracePeriodSeconds < 0 ? 1 : gracePeriodSeconds,
      propagationPolicy,
      orphanDependents,
      preconditions: given.preconditions,
    },
    options: { ...options, dryRun: dryRun || (options.dryRun ?? false) },
  };
}

function fromQuery(query: URLSearchParams): DeleteOptions {
  const gracePeriodSeconds = integerOf(query, "gracePeriodSeconds");
  const propagationPolicy = query.get("propagationPolicy");
  return toValue(deleteOptions, {
    value: {
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      ...(propagationPolicy ? { propagationPolicy } : {}),
      ...(query.has("orphanDependents") ? { orphanDependents: booleanOf(query, "orphanDependents") } : {}),
    },
    problems: [],
  });
}
