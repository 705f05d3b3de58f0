import { HttpProblem } from "../problem.js";
import { asksForSpdy, type Upgrading } from "../upgrade.js";
import type { RemoteClient } from "./client.js";
import type { StreamsWanted } from "./converse.js";
import { acceptSpdy } from "./spdy.js";
import { acceptWebSocket } from "./web-socket.js";

/** Agrees to the protocol that the caller of a remote command offers. Throws HttpProblem where there is none. */
export async function acceptRemote(upgrading: Upgrading, wanted: StreamsWanted): Promise<RemoteClient> {
  const { request, socket, head } = upgrading;
  if (request.headers.upgrade?.toLowerCase() === "websocket") return acceptWebSocket(request, socket, head);
  if (asksForSpdy(upgrading)) return acceptSpdy(upgrading, wanted);
  throw new HttpProblem(400, "only WebSocket and SPDY/3.1 are spoken here");
}
