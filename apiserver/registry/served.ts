/** Objects in the version that a client asks for: converted once for each revision, in and out of the stored one. */
import type { KubeObject } from "../../apimachinery/meta.js";
import { apiVersionOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { applyDefaults } from "../../apimachinery/schema/defaults.js";
import { yieldToLoop } from "../../base/yield.js";
import { ObjectRevision } from "../encoding/object-revision.js";
import { encodeStored } from "../encoding/stored-object.js";
import type { WatchFrame } from "../request.js";
import type { Change, Updated } from "./update.js";

/** A stored object as the version shows it. */
export function shownAs<T extends KubeObject>(definition: ResourceDefinition<T>, stored: KubeObject): T {
  return definition.conversion ? definition.conversion.fromStored(stored) : (stored as T);
}

/** An object of the version as it is stored, with the defaults of the stored form. */
export function storable<T extends KubeObject>(definition: ResourceDefinition<T>, object: T): KubeObject {
  const { conversion } = definition;
  return conversion ? applyDefaults(conversion.stored.schema, conversion.toStored(object)) : object;
}

/** An object of one version as another shows it, with no default for what it leaves out. */
export function inOtherVersion(from: ResourceDefinition, to: ResourceDefinition, object: KubeObject): KubeObject {
  return shownAs(to, from.conversion ? from.conversion.toStored(object) : object);
}

/** A stored revision as the version shows it; with its encodings it is kept as long as the stored one. */
export function servedAs<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  stored: ObjectRevision,
): ObjectRevision<T> {
  const own = definition as ResourceDefinition;
  if (stored.definition === own) return stored as ObjectRevision<KubeObject> as ObjectRevision<T>;
  const views = viewsOf<ObjectRevision, ObjectRevision>(revisionViews, own);
  let view = views.get(stored);
  if (!view) {
    const encoded = encodeStored(own, converted(own, stored.object));
    view = new ObjectRevision(own, stored.key, stored.revision, encoded);
    views.set(stored, view);
  }
  return view as ObjectRevision<KubeObject> as ObjectRevision<T>;
}

/** The same of many, which may never have been shown so. */
export async function allServedAs<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  stored: readonly ObjectRevision[],
): Promise<readonly ObjectRevision<T>[]> {
  const items: ObjectRevision<T>[] = [];
  for (const [index, revision] of stored.entries()) {
    if (index % convertedPerTurn === convertedPerTurn - 1) await yieldToLoop();
    items.push(servedAs(definition, revision));
  }
  return items;
}
const convertedPerTurn = 100;

/** A frame of the stored resource's watch as the version shows it; all watchers of the version share it. */
export function servedFrame(definition: ResourceDefinition, frame: WatchFrame): WatchFrame {
  if (frame.type === "ERROR") return frame;
  const views = viewsOf<WatchFrame, WatchFrame>(frameViews, definition);
  let view = views.get(frame);
  if (!view) {
    view =
      frame.type === "BOOKMARK"
        ? { ...frame, definition }
        : { type: frame.type, revision: servedAs(definition, frame.revision as ObjectRevision) };
    views.set(frame, view);
  }
  return view;
}

/** The change of the stored object that a change of what the version shows comes to. */
export const storedChange = <T extends KubeObject>(
  definition: ResourceDefinition<T>,
  change: Change<T>,
): Change<KubeObject> => {
  const { next, rules, ...rest } = change;
  return {
    ...rest,
    next: async (current) => storable(definition, await next(shownAs(definition, current))),
    ...(rules ? { rules: (object, old) => rules(shownAs(definition, object), old && shownAs(definition, old)) } : {}),
  };
};

export const servedUpdate = <T extends KubeObject>(
  definition: ResourceDefinition<T>,
  { revision, gone }: Updated<KubeObject>,
): Updated<T> => ({ revision: servedAs(definition, revision), gone });

/** What no conversion can be made of (fields of a wrong type, from a disk gone bad) is shown as it is. */
function converted(definition: ResourceDefinition, stored: KubeObject): KubeObject {
  try {
    return shownAs(definition, stored);
  } catch {
    return { ...stored, apiVersion: apiVersionOf(definition) };
  }
}

type Views<From extends object, To> = WeakMap<ResourceDefinition, WeakMap<From, To>>;
const revisionViews: Views<ObjectRevision, ObjectRevision> = new WeakMap();
const frameViews: Views<WatchFrame, WatchFrame> = new WeakMap();

function viewsOf<From extends object, To>(all: Views<From, To>, definition: ResourceDefinition): WeakMap<From, To> {
  let views = all.get(definition);
  if (!views) {
    views = new WeakMap();
    all.set(definition, views);
  }
  return views;
}
