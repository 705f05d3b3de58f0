import { mirrorAnnotation } from "../../../api/core/pod/mirror-pod.js";
import { type Pod, pods } from "../../../api/core/pod/pod.js";
import type { PodStatus } from "../../../api/core/pod/status.js";
import { StatusError } from "../../../apimachinery/status.js";
import { backoffMs } from "../../../base/backoff.js";
import { equal } from "../../../base/equal.js";
import { type StatusKeeper, type StatusKeeperOptions, withForeign } from "../status-writer.js";

/** Keeps the status of a static pod, and writes the newest to its mirror whenever there is one. */
export class MirrorStatus implements StatusKeeper {
  readonly #options: StatusKeeperOptions;
  readonly #pod: Pod;
  #latest: PodStatus | undefined;
  #writing: Promise<void> | undefined;
  #again = false;

  constructor(pod: Pod, options: StatusKeeperOptions) {
    this.#pod = pod;
    this.#options = options;
    this.#latest = pod.status;
  }

  /** The mirror may have been made anew, or written to. */
  seen(pod: Pod): void {
    if (this.#latest && !equal(pod.status, this.#latest)) this.#begin();
  }

  apply(pod: Pod): Pod {
    return this.#latest === undefined ? pod : { ...pod, status: withForeign(this.#latest, pod) };
  }

  write(status: PodStatus): void {
    if (equal(this.#latest, status)) return;
    this.#latest = status;
    this.#begin();
  }

  async settled(): Promise<void> {
    await this.#writing;
  }

  #begin(): void {
    this.#again = true;
    this.#writing ??= this.#run().finally(() => {
      this.#writing = undefined;
    });
  }

  /** What has no mirror is not waited for: `seen` tells when it has one. */
  async #run(): Promise<void> {
    const { clock, log, signal } = this.#options;
    for (let failures = 0; this.#again && !signal.aborted; ) {
      this.#again = false;
      try {
        await this.#writeOnce();
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof StatusError && error.reason === "NotFound") return;
        failures++;
        this.#again = failures < attemptsMax;
        log.warn("status of a static pod not written", { pod: this.#pod.metadata.name, error: String(error) });
        await clock.sleep(backoffMs(retryBackoff, failures), signal);
      }
    }
  }

  async #writeOnce(): Promise<void> {
    const { client, signal } = this.#options;
    const { namespace = "", name, uid } = this.#pod.metadata;
    const mirror = await client.get(pods, { namespace, name }, { signal });
    const status = this.#latest;
    if (!status || mirror.metadata.annotations?.[mirrorAnnotation] !== uid) return;
    const { generation } = mirror.metadata;
    const wanted = withForeign(
      generation === undefined ? status : { ...status, observedGeneration: generation },
      mirror,
    );
    if (equal(mirror.status, wanted)) return;
    await client.update(pods, { ...mirror, status: wanted }, { subresource: "status", signal });
  }
}

const retryBackoff = { baseMs: 100, maxMs: 10_000 };
/** The next change, or the mirror's next event, tries again. */
const attemptsMax = 10;
