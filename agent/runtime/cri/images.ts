import { messageOf } from "../../../base/error-text.js";
import { type Image, RuntimeError } from "../runtime.js";
import type { listImagesResponse } from "./messages.js";
import type { Decoded } from "./wire.js";

type CriImage = Decoded<typeof listImagesResponse>["images"][number];

export const imageOf = ({ id, repoTags, repoDigests, size, uid, username, pinned }: CriImage): Image => ({
  id,
  // Digests first, as Node status has them.
  names: [...repoDigests, ...repoTags],
  sizeBytes: size,
  ...(uid ? { user: { uid: uid.value } } : username === "" ? {} : { user: { name: username } }),
  ...(pinned ? { pinned } : {}),
});

/** The sandboxes' image is the runtime's own, whether it says so (containerd does from 1.7 on) or not. */
export const pinnedFor = (sandboxImage: string | undefined, image: Image): Image =>
  sandboxImage !== undefined && image.names.includes(sandboxImage) ? { ...image, pinned: true } : image;

/** Why a pull failed, in the runtime's words. */
export function pullFailure(image: string, error: unknown): RuntimeError {
  const message = messageOf(error);
  const isInvalid = /invalid reference format|couldn't parse image/.test(message);
  return isInvalid
    ? new RuntimeError("InvalidImageName", `Failed to apply default image tag ${JSON.stringify(image)}: ${message}`)
    : new RuntimeError("ErrImagePull", message);
}
