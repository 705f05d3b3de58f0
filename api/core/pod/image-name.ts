/** The reference of a container image: `registry/path:tag@digest`. */

/** Named without tag and digest, or with the tag `latest`. */
export function isLatest(image: string): boolean {
  const { tag, digest } = splitImage(image);
  return tag === "latest" || (image !== "" && tag === "" && digest === "");
}

export function splitImage(image: string): { readonly name: string; readonly tag: string; readonly digest: string } {
  const at = image.indexOf("@");
  const digest = at === -1 ? "" : image.slice(at + 1);
  const named = at === -1 ? image : image.slice(0, at);
  const colon = named.lastIndexOf(":");
  // A colon before a slash belongs to the registry's port.
  if (colon === -1 || named.indexOf("/", colon) !== -1) return { name: named, tag: "", digest };
  return { name: named.slice(0, colon), tag: named.slice(colon + 1), digest };
}
