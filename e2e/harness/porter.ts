/** A container that serves a text at each of some ports, or what it was asked by, as JSON. */
export interface Porter {
  readonly http?: Readonly<Record<number, string>>;
  readonly https?: Readonly<Record<number, string>>;
  /** Answers `{"Method": ..., "Body": text}`. */
  readonly tellsMethod?: boolean;
  /** PEM, where it serves https. */
  readonly identity?: { readonly key: string; readonly certificate: string };
}

export function porter({ http = {}, https = {}, tellsMethod = false, identity }: Porter): object {
  const program = `
    process.on("SIGTERM", () => process.exit());
    const { http, https, tellsMethod } = JSON.parse(process.env.SERVES);
    const handler = (text) => (request, response) => {
      const body = tellsMethod ? JSON.stringify({ Method: request.method, Body: text }) : text;
      const type = tellsMethod ? "application/json" : text.startsWith("<") ? "text/html; charset=utf-8" : "text/plain";
      response.writeHead(200, { "content-type": type, "content-length": Buffer.byteLength(body) });
      response.end(body);
    };
    const host = process.env.POD_IP;
    const open = (servers, make) => {
      for (const [port, text] of Object.entries(servers)) make(handler(text)).listen(Number(port), host);
    };
    open(http, (handle) => require("node:http").createServer(handle));
    const identity = { key: process.env.KEY, cert: process.env.CERTIFICATE };
    open(https, (handle) => require("node:https").createServer(identity, handle));`;
  return {
    name: "porter",
    image: "node",
    imagePullPolicy: "IfNotPresent",
    command: ["node", "-e", program],
    env: [
      { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      { name: "SERVES", value: JSON.stringify({ http, https, tellsMethod }) },
      { name: "KEY", value: identity?.key ?? "" },
      { name: "CERTIFICATE", value: identity?.certificate ?? "" },
    ],
  };
}
