import type { KubeObject } from "../../apimachinery/meta.js";
import { groupResourceOf, type ResourceRef } from "../../apimachinery/resource.js";
import { StatusError } from "../../apimachinery/status.js";
import { unreachable } from "../../base/assert.js";
import type { Client, ObjectName } from "../../client/client.js";
import type { Recorder } from "../../client/events.js";
import type { Action, Plan, Report } from "./plan.js";

/** A write that the server accepted; `gone` is the uid of an object that is no longer there. */
export type Written =
  | { readonly target: ResourceRef; readonly object: KubeObject }
  | { readonly target: ResourceRef; readonly gone: string };

export interface Outcome {
  readonly written: readonly Written[];
  /** The first action that failed. */
  readonly failure: Error | undefined;
}

export interface Hands {
  readonly client: Client;
  readonly recorder: Recorder;
  readonly signal: AbortSignal;
}

/**
 * Carries a plan's actions out: one, then two, then four at a time ... What fails ends it, unless the actions are about
 * objects that have nothing to do with each other: then only very many failures do.
 */
export async function execute({ actions, apart = false }: Plan<unknown>, hands: Hands): Promise<Outcome> {
  const written: Written[] = [];
  let failure: Error | undefined;
  let failures = 0;
  for (let at = 0, size = 1; at < actions.length; at += size, size = Math.min(size * 2, batchMaxActions)) {
    if (hands.signal.aborted) return { written, failure: failure ?? new Error("the controller is stopping") };
    const results = await Promise.allSettled(actions.slice(at, at + size).map((action) => perform(action, hands)));
    for (const result of results) if (result.status === "fulfilled" && result.value) written.push(result.value);
    const failed = results.filter((result) => result.status === "rejected");
    failures += failed.length;
    if (failed[0]) failure ??= asError(failed[0].reason);
    if (failures > (apart ? failuresMax : 0)) break;
  }
  return { written, failure };
}

const batchMaxActions = 128;
/** More failures in one go than bad objects would explain: the server is in trouble, and is let alone until back-off. */
const failuresMax = 100;

export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

async function perform(action: Action, hands: Hands): Promise<Written | undefined> {
  if (action.type === "event") {
    const { about, eventType: type, reason, message } = action;
    hands.recorder.record({ about, type, reason, message });
    return undefined;
  }
  if (action.type === "deleteCollection") {
    await hands.client.deleteCollection(action.target, { namespace: action.namespace }, { signal: hands.signal });
    return undefined;
  }
  try {
    const written = await write(action, hands);
    const name = written && "object" in written ? written.object.metadata.name : (action.object.metadata.name ?? "");
    tell(hands.recorder, "Normal", action.report?.about, action.report?.done, { name, error: "" });
    return written;
  } catch (error) {
    if (isMoot(action, error)) return undefined;
    const name = action.object.metadata.name ?? "";
    const said = { name, error: asError(error).message };
    if (!hands.signal.aborted) tell(hands.recorder, "Warning", action.report?.about, action.report?.failed, said);
    throw error;
  }
}

function tell(
  recorder: Recorder,
  type: "Normal" | "Warning",
  about: KubeObject | undefined,
  text: Report["done"],
  values: { readonly name: string; readonly error: string },
): void {
  if (!about || !text) return;
  const message = text.message.replace("{name}", () => values.name).replace("{error}", () => values.error);
  recorder.record({ about, type, reason: text.reason, message });
}

/** The world already is as the action wanted it, or what it was about is no more. */
function isMoot(action: ObjectAction, error: unknown): boolean {
  if (!(error instanceof StatusError)) return false;
  if (action.type === "create")
    return error.details?.causes?.some(({ reason }) => reason === namespaceTerminating) ?? false;
  if (error.reason === "NotFound") return true;
  return action.type === "delete" && action.exact !== true && error.reason === "Conflict";
}

const namespaceTerminating = "NamespaceTerminating";

type ObjectAction = Exclude<Action, { readonly type: "event" | "deleteCollection" }>;

async function write(action: ObjectAction, { client, signal }: Hands): Promise<Written> {
  const { target } = action;
  switch (action.type) {
    case "create":
      return { target, object: await client.create(target, action.object, { signal }) };
    case "update": {
      const options = action.subresource === undefined ? { signal } : { signal, subresource: action.subresource };
      return { target, object: await client.update(target, action.object, options) };
    }
    case "patch": {
      if (action.livingOwner) await assureLiving(client, action.livingOwner, signal);
      const { uid, resourceVersion } = action.object.metadata;
      const metadata = { ...action.body.metadata, uid, ...(action.exact ? { resourceVersion } : {}) };
      const asked = {
        type: action.patchType,
        body: { ...action.body, metadata },
        ...(action.subresource === undefined ? {} : { subresource: action.subresource }),
      };
      return { target, object: await client.patch(target, nameOf(action.object), asked, { signal }) };
    }
    case "delete": {
      const { uid, resourceVersion } = action.object.metadata;
      const left = await client.delete(target, nameOf(action.object), {
        signal,
        preconditions: { uid, ...(action.exact ? { resourceVersion } : {}) },
        ...(action.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: action.gracePeriodSeconds }),
        ...(action.propagationPolicy === undefined ? {} : { propagationPolicy: action.propagationPolicy }),
      });
      const stays = left?.metadata.deletionTimestamp !== undefined && left.metadata.uid === uid;
      return left && stays && action.gracePeriodSeconds !== 0 ? { target, object: left } : { target, gone: uid };
    }
    default:
      return unreachable(action);
  }
}

export const nameOf = ({ metadata: { namespace, name } }: KubeObject): ObjectName =>
  namespace === undefined || namespace === "" ? { name } : { namespace, name };

/** The cache may not know yet that an owner is gone or was replaced: before it takes children on, ask. */
async function assureLiving(
  client: Client,
  { target, object }: { readonly target: ResourceRef; readonly object: KubeObject },
  signal: AbortSignal,
): Promise<void> {
  const live = await client.get(target, nameOf(object), { signal });
  const name = `${groupResourceOf(target)} ${JSON.stringify(object.metadata.name)}`;
  if (live.metadata.uid !== object.metadata.uid) throw new Error(`${name} was replaced by another of that name`);
  if (live.metadata.deletionTimestamp !== undefined) throw new Error(`${name} is being deleted`);
}
