/**
 * The program behind `my-app:latest`, as text: it is written to the data directory and run by the same Node.js. It
 * answers its pod's name, and on SIGTERM goes on answering for a moment, since clients learn of its end a little later.
 */
export const myAppSource = `import { createServer } from "node:http";

const name = process.env.POD_NAME ?? process.env.HOSTNAME ?? "my-app";
const host = process.env.POD_IP ?? "0.0.0.0";
const wanted = process.env.PORT === undefined ? 80 : Number(process.env.PORT);
const drainMs = Number(process.env.DRAIN_MS ?? 1000);
let draining = false;

const server = createServer((request, response) => {
  if (draining) response.setHeader("connection", "close");
  response.setHeader("content-type", "text/plain");
  response.end((request.url === "/healthz" ? "ok" : name) + "\\n");
});

server.on("error", (error) => {
  if (error.code === "EACCES" && process.env.PORT === undefined && wanted !== 8080) {
    console.log("may not bind port " + wanted + " as this user, using 8080; set PORT to choose another");
    server.listen(8080, host);
    return;
  }
  console.error("cannot listen on " + host + ": " + error.message);
  process.exit(1);
});
server.on("listening", () => console.log("listening on http://" + host + ":" + server.address().port));
server.listen(wanted, host);

process.on("SIGTERM", () => {
  if (draining) return;
  draining = true;
  console.log("draining");
  setTimeout(() => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  }, drainMs);
});
process.on("SIGINT", () => process.exit(0));
`;
