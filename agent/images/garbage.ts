import type { ContainerRecord, Image } from "../runtime/runtime.js";

/** When images go. https://kubernetes.io/docs/concepts/architecture/garbage-collection/#container-image-lifecycle */
export interface GarbagePolicy {
  /** Above it images are removed. */
  readonly highThresholdPercent: number;
  /** Down to it. */
  readonly lowThresholdPercent: number;
  /** Younger ones stay: a container may be about to use them. */
  readonly minimumAgeMs: number;
}
export const defaultGarbagePolicy: GarbagePolicy = {
  highThresholdPercent: 85,
  lowThresholdPercent: 80,
  minimumAgeMs: 120_000,
};

export interface DiskUse {
  readonly capacityBytes: number;
  readonly availableBytes: number;
}

/** What has been seen of an image since the agent started. */
export interface Sighting {
  readonly firstSeenMs: number;
  readonly lastUsedMs: number;
}
/** Of what was there before the agent nobody knows the age: it is old. */
export const seenBefore = 0;

export const usedPercent = ({ capacityBytes, availableBytes }: DiskUse): number =>
  100 - Math.floor((Math.min(availableBytes, capacityBytes) * 100) / capacityBytes);

/** How much has to go; 0 below the high threshold. */
export function bytesToFree(disk: DiskUse, { highThresholdPercent, lowThresholdPercent }: GarbagePolicy): number {
  if (usedPercent(disk) < highThresholdPercent) return 0;
  return Math.max(0, Math.floor((disk.capacityBytes * (100 - lowThresholdPercent)) / 100) - disk.availableBytes);
}

/** Whether any container, ended ones included, was made from it. */
export function isUsed({ id, names }: Image, containers: readonly ContainerRecord[]): boolean {
  return containers.some(
    ({ image, imageId }) => imageId === id || image === id || names.includes(imageId) || names.includes(image),
  );
}

/** What is known of the images that are there now. */
export function sightings(
  before: ReadonlyMap<string, Sighting>,
  images: readonly Image[],
  containers: readonly ContainerRecord[],
  { firstSeenMs, nowMs }: { readonly firstSeenMs: number; readonly nowMs: number },
): ReadonlyMap<string, Sighting> {
  return new Map(
    images.map((image) => {
      const known = before.get(image.id) ?? { firstSeenMs, lastUsedMs: 0 };
      return [image.id, isUsed(image, containers) ? { ...known, lastUsedMs: nowMs } : known];
    }),
  );
}

/**
 * Images in the order in which they go: the one unused for longest first, then the one seen first. Never one that is in
 * use, pinned by the runtime, or too young.
 */
export function garbageOf(
  images: readonly Image[],
  seen: ReadonlyMap<string, Sighting>,
  nowMs: number,
  minimumAgeMs: number,
): readonly Image[] {
  return images
    .flatMap((image) => {
      const sighting = seen.get(image.id);
      return sighting ? [{ image, ...sighting }] : [];
    })
    .filter(
      ({ image, firstSeenMs, lastUsedMs }) =>
        image.pinned !== true && lastUsedMs < nowMs && nowMs - firstSeenMs >= minimumAgeMs,
    )
    .toSorted((a, b) => a.lastUsedMs - b.lastUsedMs || a.firstSeenMs - b.firstSeenMs)
    .map(({ image }) => image);
}

/** The images that a node's status names: the largest, each by a few of its names. */
export function nodeImages(images: readonly Image[]): readonly { names: readonly string[]; sizeBytes: number }[] {
  return images
    .toSorted((a, b) => b.sizeBytes - a.sizeBytes)
    .slice(0, nodeImagesMax)
    .map(({ names, sizeBytes }) => ({ names: names.slice(0, namesMax), sizeBytes }));
}
const nodeImagesMax = 50;
const namesMax = 5;
