import { statfs } from "node:fs/promises";
import type { ObjectReference } from "../../api/core/reference.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/error-text.js";
import type { Logger } from "../../base/log.js";
import type { Recorder } from "../../client/events.js";
import { type Runtime, RuntimeError } from "../runtime/runtime.js";
import {
  bytesToFree,
  type DiskUse,
  defaultGarbagePolicy,
  type GarbagePolicy,
  garbageOf,
  type Sighting,
  seenBefore,
  sightings,
  usedPercent,
} from "./garbage.js";
import type { PullRecords } from "./pull-records.js";

export interface ImageCollectorOptions {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly log: Logger;
  readonly recorder: Recorder;
  readonly node: ObjectReference;
  readonly records: PullRecords;
  /** Images have gone. */
  readonly changed?: () => void;
  readonly policy?: GarbagePolicy;
  readonly everyMs?: number;
  /** Of the disk that a path lies on. */
  readonly diskUse?: (path: string) => Promise<DiskUse>;
}

/** Removes images that nobody uses when the disk they lie on fills up. */
export class ImageCollector {
  readonly #options: ImageCollectorOptions;
  readonly #policy: GarbagePolicy;
  #seen: ReadonlyMap<string, Sighting> | undefined;
  #failures = 0;

  constructor(options: ImageCollectorOptions) {
    this.#options = options;
    this.#policy = options.policy ?? defaultGarbagePolicy;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    await this.#look(seenBefore).catch(() => {});
    while (!signal.aborted) {
      await clock.sleep(this.#options.everyMs ?? collectEveryMs, signal);
      if (!signal.aborted) await this.collect();
    }
  }

  /** One round. What goes wrong is told by events of the node, from the second time on. */
  async collect(): Promise<void> {
    try {
      await this.#collect();
      this.#failures = 0;
    } catch (error) {
      const message = messageOf(error);
      this.#options.log.warn("image garbage collection failed", { error: message });
      // Right after the start the runtime may have no figures yet.
      if (++this.#failures > 1) this.#tell("ImageGCFailed", message);
    }
  }

  /** Removes all that nobody uses, for want of disk; answers how many bytes. */
  async removeUnused(): Promise<number> {
    return this.#free(Number.POSITIVE_INFINITY);
  }

  async #collect(): Promise<void> {
    const { runtime, diskUse = diskUseOf } = this.#options;
    const mountpoint = (await runtime.imageFsInfo())[0]?.mountpoint;
    // A runtime without images of its own has nothing to remove.
    const disk = mountpoint === undefined ? undefined : await diskUse(mountpoint);
    if (disk === undefined) return void (await this.#look(this.#options.clock.now()));
    if (disk.capacityBytes <= 0) {
      const message = `invalid capacity ${disk.capacityBytes} on image filesystem`;
      this.#tell("InvalidDiskCapacity", message);
      throw new Error(message);
    }
    const wanted = bytesToFree(disk, this.#policy);
    if (wanted === 0) return void (await this.#look(this.#options.clock.now()));
    const freed = await this.#free(wanted);
    if (freed >= wanted) return;
    const size = `${(disk.capacityBytes / 1024 ** 3).toFixed(1)} GiB`;
    const message = `Insufficient free disk space on the node's image filesystem (${usedPercent(disk)}% of ${size} used). Failed to free sufficient space by deleting unused images (freed ${freed} bytes). Investigate disk usage, as it could be used by active images, logs, volumes, or other data.`;
    this.#tell("FreeDiskSpaceFailed", message);
    throw new Error(message);
  }

  async #free(wanted: number): Promise<number> {
    const { runtime, clock, log } = this.#options;
    const nowMs = clock.now();
    const images = await this.#look(nowMs);
    const problems: string[] = [];
    let freed = 0;
    for (const image of garbageOf(images, this.#seen ?? new Map(), nowMs, this.#policy.minimumAgeMs)) {
      if (freed >= wanted) break;
      try {
        await runtime.removeImage(image.id);
        freed += image.sizeBytes;
        log.info("unused image removed", { image: image.names[0] ?? image.id, bytes: image.sizeBytes });
      } catch (error) {
        if (error instanceof RuntimeError && error.reason === "ImageInUse") continue;
        problems.push(messageOf(error));
      }
    }
    if (freed > 0) this.#options.changed?.();
    if (problems.length > 0)
      throw new Error(
        `wanted to free ${wanted} bytes, but freed ${freed} bytes space with errors in image deletion: ${problems.slice(0, problemsMax).join(", ")}`,
      );
    return freed;
  }

  async #look(firstSeenMs: number): Promise<Awaited<ReturnType<Runtime["images"]>>> {
    const { runtime, clock, records } = this.#options;
    const { moment } = records;
    const images = await runtime.images();
    const containers = await runtime.containers();
    const times = { firstSeenMs: this.#seen ? firstSeenMs : seenBefore, nowMs: clock.now() };
    this.#seen = sightings(this.#seen ?? new Map(), images, containers, times);
    records.keepOnly(images, moment);
    return images;
  }

  #tell(reason: string, message: string): void {
    this.#options.recorder.record({ about: this.#options.node, type: "Warning", reason, message });
  }
}

const collectEveryMs = 300_000;
const problemsMax = 10;

async function diskUseOf(path: string): Promise<DiskUse> {
  const { blocks, bavail, bsize } = await statfs(path);
  return { capacityBytes: blocks * bsize, availableBytes: bavail * bsize };
}
