import { Readable } from "node:stream";
import { constants, createGzip } from "node:zlib";

/** Smaller answers go as they are. */
export const gzipMinBytes = 128 * 1024;

/** Compresses off the event loop, as fast as it goes: the reader is near more often than far. */
export function gzipped(body: Uint8Array | AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const source = Readable.from(body instanceof Uint8Array ? [body] : body, { objectMode: true });
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  source.on("error", (error) => gzip.destroy(error));
  gzip.on("close", () => source.destroy());
  return source.pipe(gzip);
}
