import { HttpProblem } from "../problem.js";
import type { Upgrading } from "../upgrade.js";
import type { RemoteClient } from "./client.js";
import type { StreamsWanted } from "./converse.js";
import { acceptWebSocket } from "./web-socket.js";

/** Agrees to the protocol that the caller of a remote command offers. Throws HttpProblem where there is none. */
export async function acceptRemote(
  { request, socket, head }: Upgrading,
  _wanted: StreamsWanted,
): Promise<RemoteClient> {
  if (request.headers.upgrade?.toLowerCase() === "websocket") return acceptWebSocket(request, socket, head);
  throw new HttpProblem(400, "only WebSocket is spoken here");
}
