/** Something the user can mend: shown as one line, exit code 1. */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** One line for what the operating system refused, with what to do about it. */
export function explain(
  error: unknown,
  context: { readonly dataDir?: string; readonly address?: string } = {},
): string {
  if (error instanceof UserError) return error.message;
  const { code = "", message = String(error), path: file = "" } = (error ?? {}) as NodeJS.ErrnoException;
  // Nobody knows the file that is to become the lock.
  const path = file.replace(/\/lock\.\d+$/, "");
  switch (code) {
    case "EADDRINUSE":
      return `${context.address ?? "the address"} is already in use: stop what listens there, or choose another port with --secure-port (0: any free port)`;
    case "EADDRNOTAVAIL":
      return `${context.address ?? "the address"} is not an address of this machine: choose another --bind-address`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `${path || context.dataDir || "the data directory"} cannot be written (${code}): choose another with --data-dir, or change its owner`;
    case "ENOENT":
      if (!["mkdir", "open"].includes((error as NodeJS.ErrnoException).syscall ?? "")) return message;
      return `${path || context.dataDir || "the data directory"} cannot be made: choose another with --data-dir`;
    case "ENOTDIR":
    case "EEXIST":
    case "ENAMETOOLONG":
      return `${path || context.dataDir || "the data directory"} cannot be a directory (${code}): choose another with --data-dir`;
    case "ENOSPC":
      return `no space left on the disk of ${path || context.dataDir || "the data directory"}: free some and start again`;
    default:
      return message;
  }
}
