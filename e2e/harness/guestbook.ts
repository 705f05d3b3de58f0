/** An application of three tiers: who writes asks a primary, which tells its replicas; who reads asks the replicas. */
const program = `
  const { createServer, get } = require("node:http");
  const [mode, port] = process.argv.slice(1);
  process.on("SIGTERM", () => process.exit());
  const host = process.env.POD_IP, entries = new Map(), replicas = new Set();
  const ask = (server, path) => new Promise((resolve, reject) => {
    get({ host: server, port: 6379, path, family: 4, agent: false, timeout: 5000 }, (answer) => {
      let text = "";
      answer.on("data", (chunk) => { text += chunk; }).on("end", () => resolve(text)).on("error", reject);
    }).on("error", reject);
  });
  const entry = (key, value) => "/set?key=" + encodeURIComponent(key) + "&value=" + encodeURIComponent(value);
  const paths = {
    "/set": async (query) => {
      entries.set(query.get("key"), query.get("value"));
      for (const replica of replicas) await ask(replica, entry(query.get("key"), query.get("value")));
      return { message: "Updated" };
    },
    "/get": async (query) => ({ data: entries.get(query.get("key")) ?? "" }),
    "/register": async (query) => {
      const replica = query.get("host");
      for (const [key, value] of entries) await ask(replica, entry(key, value));
      replicas.add(replica);
      return {};
    },
    "/guestbook": async (query) => {
      const [server, path] = query.get("cmd") === "set" ? ["agnhost-primary", "/set"] : ["agnhost-replica", "/get"];
      return JSON.parse(await ask(server, path + "?" + query));
    },
  };
  const serves = { primary: ["/set", "/get", "/register"], replica: ["/set", "/get"], frontend: ["/guestbook"] }[mode];
  createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://guestbook");
    const answer = serves.includes(pathname) ? paths[pathname](searchParams) : Promise.reject(new Error("no such path"));
    const [code, body] = await answer.then((value) => [200, value], (error) => [500, { error: String(error) }]);
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
  }).listen(Number(port), host);
  const register = () => ask("agnhost-primary", "/register?host=" + host)
    .then((text) => { if (text !== "{}") throw new Error(text); })
    .catch(() => setTimeout(register, 200));
  if (mode === "replica") register();`;

const tier = (name: string, labels: Readonly<Record<string, string>>, port: number, replicas: number) => [
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, labels },
    spec: { selector: labels, ports: [{ port: name === "frontend" ? 80 : port, targetPort: port }] },
  },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name,
              image: "node",
              command: ["node", "-e", program, name.replace("agnhost-", ""), String(port)],
              env: [{ name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }],
              ports: [{ containerPort: port }],
            },
          ],
        },
      },
    },
  },
];

/** Services, and who stands behind them. */
export const guestbook: readonly object[] = [
  ...tier("agnhost-replica", { app: "agnhost", role: "replica", tier: "backend" }, 6379, 2),
  ...tier("agnhost-primary", { app: "agnhost", role: "primary", tier: "backend" }, 6379, 1),
  ...tier("frontend", { app: "guestbook", tier: "frontend" }, 8080, 3),
];
