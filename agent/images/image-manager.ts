import type { Container } from "../../api/core/pod/container.js";
import type { Pod } from "../../api/core/pod/pod.js";
import { type Secret, secrets } from "../../api/core/secret.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/error-text.js";
import type { Client } from "../../client/client.js";
import { type Image, type Runtime, RuntimeError } from "../runtime/runtime.js";
import { goDuration } from "./go-duration.js";
import { fullName, type ImageName, parseImageName, repositoryOf, withDefaultTag } from "./image-name.js";
import { type Credential, keyringOf } from "./keyring.js";
import type { PullRecords } from "./pull-records.js";
import { Puller } from "./puller.js";

export interface ImageManagerOptions {
  readonly client: Client;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly records: PullRecords;
  /** There are more images than before. */
  readonly changed?: () => void;
  /** Pulls of different images that may go on at once. */
  readonly maxParallelPulls?: number | undefined;
}

export interface ImageRequest {
  readonly pod: Pod;
  readonly container: Container;
  readonly signal: AbortSignal;
  /** An event about the container. */
  tell(type: "Normal" | "Warning", reason: string, message: string): void;
}

/** Sees to it that an image is on this node before a container of it is made. */
export class ImageManager {
  readonly #options: ImageManagerOptions;
  readonly #puller: Puller<Pulled>;
  /** Pods by the images that they were let have, the oldest first. */
  readonly #granted = new Set<string>();

  constructor(options: ImageManagerOptions) {
    this.#options = options;
    const { isReal } = options.runtime.features;
    const places = isReal ? (options.maxParallelPulls ?? parallelPulls) : Number.POSITIVE_INFINITY;
    this.#puller = new Puller(places, options.clock);
  }

  /**
   * By the container's pull policy; what happens is told by events. Throws RuntimeError with the reason why the
   * container waits. https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy
   */
  async ensure(request: ImageRequest): Promise<Image> {
    const { container, tell } = request;
    const { runtime } = this.#options;
    const written = container.image ?? "";
    const parsed = parseImageName(written);
    if (!parsed.ok) {
      const message = `Failed to apply default image tag ${quoted(written)}: couldn't parse image name ${quoted(written)}: ${parsed.problem}`;
      tell("Warning", "InspectFailed", message);
      throw new RuntimeError("InvalidImageName", message);
    }
    const image = withDefaultTag(written, parsed.name);
    const policy = container.imagePullPolicy ?? "IfNotPresent";
    const known = await runtime.imageStatus(image).catch((error: unknown) => {
      const message = `Failed to inspect image ${quoted(written)}: ${messageOf(error)}`;
      tell("Warning", "InspectFailed", message);
      throw new RuntimeError("ImageInspectError", message);
    });
    if (known && policy !== "Always" && (await this.#mayUse(known, parsed.name, request))) {
      tell(
        "Normal",
        "Pulled",
        `Container image ${quoted(written)} already present on machine and can be accessed by the pod`,
      );
      return known;
    }
    if (policy === "Never") {
      const message = known
        ? `Container image ${quoted(written)} is present with pull policy of Never but does not have the proper credentials to access the image`
        : `Container image ${quoted(written)} is not present with pull policy of Never`;
      tell("Warning", "ErrImageNeverPull", message);
      throw new RuntimeError("ErrImageNeverPull", message);
    }
    return this.#pull({ image, before: known?.id }, parsed.name, request);
  }

  async #mayUse({ id }: Image, name: ImageName, request: ImageRequest): Promise<boolean> {
    const { records } = this.#options;
    const repository = repositoryOf(name);
    const full = tagged(name);
    if (records.isOpen(id, repository, full)) return true;
    // Who has had it keeps it: a container starts again though its secret cannot be read just now.
    const key = JSON.stringify([request.pod.metadata.uid, id, repository]);
    if (this.#granted.has(key)) return true;
    return records.opens(id, repository, full, await this.#credentials(name, request)) && this.#grant(key);
  }

  #grant(key: string): true {
    this.#granted.add(key);
    const [oldest] = this.#granted;
    if (this.#granted.size > grantedMax && oldest !== undefined) this.#granted.delete(oldest);
    return true;
  }

  async #pull({ image, before }: Wanted, name: ImageName, request: ImageRequest): Promise<Image> {
    const { container, pod, signal, tell } = request;
    const { clock, runtime } = this.#options;
    const written = container.image ?? "";
    const askedMs = clock.monotonic();
    tell("Normal", "Pulling", `Pulling image ${quoted(written)}`);
    try {
      const credentials = await this.#credentials(name, request);
      const hasCommand = (container.command ?? []).length > 0;
      const who = runtime.features.isReal ? "" : pod.metadata.uid;
      const key = JSON.stringify([image, hasCommand, who, ...credentials.map(({ auth }) => auth)]);
      const pulled = await this.#puller.pull(key, signal, (giveUp) =>
        this.#pullNoted({ image, before }, name, credentials, { ...request, signal: giveUp }),
      );
      const waitedMs = clock.monotonic() - askedMs;
      tell(
        "Normal",
        "Pulled",
        `Successfully pulled image ${quoted(written)} in ${goDuration(Math.min(pulled.tookMs, waitedMs))} (${goDuration(waitedMs)} including waiting). Image size: ${pulled.image.sizeBytes} bytes.`,
      );
      this.#grant(JSON.stringify([pod.metadata.uid, pulled.image.id, repositoryOf(name)]));
      return pulled.image;
    } catch (error) {
      const message = messageOf(error);
      if (!signal.aborted) tell("Warning", "Failed", `Failed to pull image ${quoted(written)}: ${message}`);
      throw error instanceof RuntimeError ? error : new RuntimeError("ErrImagePull", message);
    }
  }

  /** What takes a password is noted as being pulled from before it begins until it is known what came of it. */
  async #pullNoted(
    { image, before }: Wanted,
    name: ImageName,
    credentials: readonly Credential[],
    request: ImageRequest,
  ): Promise<Pulled> {
    const { records, runtime } = this.#options;
    const full = tagged(name);
    const repository = repositoryOf(name);
    if (credentials.length === 0) {
      const { image: found, tookMs } = await this.#pullNow(image, credentials, request);
      records.pulled(found.id, repository, undefined);
      return { image: found, tookMs };
    }
    try {
      records.begins(repository, full, before);
      const { credential, ...pulled } = await this.#pullNow(image, credentials, request);
      records.pulled(pulled.image.id, repository, credential, full);
      return pulled;
    } catch (error) {
      const now = await runtime.imageStatus(image).then(
        (found) => found?.id ?? "",
        () => undefined,
      );
      if (now === "" || now === before) records.failed(repository, full);
      else records.lost(full);
      throw error;
    }
  }

  /** With each credential in turn; with none where there are none. */
  async #pullNow(
    image: string,
    credentials: readonly Credential[],
    request: ImageRequest,
  ): Promise<Pulled & { readonly credential: Credential | undefined }> {
    const { runtime, clock, changed } = this.#options;
    const { pod, container, signal } = request;
    const startedMs = clock.monotonic();
    const { uid, namespace = "", name } = pod.metadata;
    const problems = new Set<string>();
    let last: unknown;
    for (const credential of credentials.length === 0 ? [undefined] : credentials) {
      try {
        const pulled = await runtime.pullImage(image, {
          pod: { uid, namespace, name },
          annotations: pod.metadata.annotations ?? {},
          hasCommand: (container.command ?? []).length > 0,
          containerName: container.name,
          signal,
          ...(credential ? { auth: credential.auth } : {}),
        });
        changed?.();
        return { image: pulled, credential, tookMs: clock.monotonic() - startedMs };
      } catch (error) {
        if (signal.aborted) throw error;
        last = error;
        problems.add(withoutSecrets(messageOf(error), credential));
      }
    }
    const [first = "", ...others] = problems;
    const reason = last instanceof RuntimeError ? last.reason : "ErrImagePull";
    throw new RuntimeError(reason, others.length === 0 ? first : `[${[first, ...others].join(", ")}]`);
  }

  /** Of the pod's pull secrets, those of its service account among them (admission puts them there). */
  async #credentials(name: ImageName, { pod, signal, tell }: ImageRequest): Promise<readonly Credential[]> {
    const wanted = [...new Set((pod.spec.imagePullSecrets ?? []).flatMap((reference) => reference.name ?? []))];
    if (wanted.length === 0 || !this.#options.runtime.features.isReal) return [];
    const { namespace = "" } = pod.metadata;
    const missing: string[] = [];
    const found: Secret[] = [];
    for (const secret of wanted) {
      try {
        found.push(await this.#options.client.get(secrets, { namespace, name: secret }, { signal }));
      } catch {
        missing.push(secret);
      }
    }
    if (missing.length > 0 && !signal.aborted)
      tell(
        "Warning",
        "FailedToRetrieveImagePullSecret",
        `Unable to retrieve some image pull secrets (${missing.join(", ")}); attempting to pull the image may not succeed.`,
      );
    try {
      return keyringOf(found).lookup(name);
    } catch (error) {
      throw new RuntimeError("ErrImagePull", messageOf(error));
    }
  }
}

/** A name, and the id of the image that it stood for. */
interface Wanted {
  readonly image: string;
  readonly before: string | undefined;
}

interface Pulled {
  readonly image: Image;
  readonly tookMs: number;
}

const parallelPulls = 5;
const grantedMax = 5_000;
/** The name in full, as runtimes list it. */
const tagged = (name: ImageName): string =>
  name.tag === undefined && name.digest === undefined ? `${fullName(name)}:latest` : fullName(name);
const quoted = (text: string): string => JSON.stringify(text);

/** What a runtime says may quote what it was given. */
function withoutSecrets(text: string, credential: Credential | undefined): string {
  if (!credential) return text;
  const { username, password } = credential.auth;
  const encoded = Buffer.from(`${username}:${password}`).toString("base64");
  return [encoded, encodeURIComponent(password), password]
    .filter((secret) => secret !== "")
    .reduce((rest, secret) => rest.replaceAll(secret, "[hidden]"), text);
}
