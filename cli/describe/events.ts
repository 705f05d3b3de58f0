import { events as eventKind } from "../../api/core/event.js";
import type { AnyObject, Api } from "../api.js";
import { type EventView, eventAge, lastSeenMs } from "../event-view.js";
import type { Layout } from "./layout.js";

/** The events of an object, the oldest first. */
export async function describeEvents(layout: Layout, object: AnyObject, api: Api, nowMs: number): Promise<void> {
  const { name, namespace, uid } = object.metadata;
  const selector = [`involvedObject.name=${name}`, `involvedObject.kind=${object.kind}`];
  if (namespace) selector.push(`involvedObject.namespace=${namespace}`);
  // A Node's events carry its name as uid.
  if (uid && object.kind !== "Node") selector.push(`involvedObject.uid=${uid}`);
  const { items } = await api.list(eventKind, namespace, { fieldSelector: selector.join(",") });
  if (items.length === 0) return layout.line(0, "Events:\t<none>");
  layout.line(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage");
  layout.line(1, "----\t------\t----\t----\t-------");
  const views = items.map((item) => item as unknown as EventView).sort((a, b) => lastSeenMs(a) - lastSeenMs(b));
  for (const event of views) {
    const from = event.source?.component || event.reportingComponent || "";
    layout.line(
      1,
      `${event.type ?? ""}\t${event.reason ?? ""}\t${eventAge(event, nowMs)}\t${from}\t${(event.message ?? "").trim().replaceAll(/[\t\n]/g, " ")}`,
    );
  }
}
