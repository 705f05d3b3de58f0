import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpProblem } from "./problem.js";
import { serveSystemLogs } from "./system-logs.js";

let dir: string;
let server: Server;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "system-logs-"));
  const logs = join(dir, "log");
  mkdirSync(join(logs, "pods"), { recursive: true });
  writeFileSync(join(dir, "secret"), "not this");
  writeFileSync(join(logs, "syslog"), "first\nlast\n");
  writeFileSync(join(logs, "empty"), "");
  writeFileSync(join(logs, 'a<b>&"c?.log'), "odd");
  writeFileSync(join(logs, "pods", "0.log"), "of a pod");
  symlinkSync(join(logs, "pods", "0.log"), join(logs, "inside"));
  symlinkSync(join(dir, "secret"), join(logs, "outside"));
  symlinkSync(dir, join(logs, "above"));
  execFileSync("mkfifo", [join(logs, "pipe")]);
  server = createServer((given, response) => {
    const path = (given.url ?? "").replace(/\?.*/, "").split("/").slice(2).map(decodeURIComponent);
    serveSystemLogs(logs, path, given, response).catch((error: unknown) => {
      response.writeHead(error instanceof HttpProblem ? error.code : 500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

/** As the path is, which fetch would put in order. */
function asked(path: string, method = "GET"): Promise<readonly [code: number | undefined, text: string | undefined]> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("end", () => resolve([answer.statusCode, answer.headers.location ?? text]));
    });
    sent.on("error", reject).end();
  });
}

it("lists folders", async () => {
  const [code, text] = await asked("/logs/");
  expect(code).toBe(200);
  expect(text).toContain('<a href="syslog">syslog</a>\n');
  expect(text).toContain('<a href="pods/">pods/</a>\n');
  expect(text).toContain('<a href="a%3Cb%3E%26%22c%3F.log">a&#60;b&#62;&#38;&#34;c?.log</a>\n');
  expect(await asked("/logs/pods/")).toEqual([200, '<pre>\n<a href="0.log">0.log</a>\n</pre>\n']);
});

it("shows files", async () => {
  expect(await asked("/logs/syslog")).toEqual([200, "first\nlast\n"]);
  expect(await asked("/logs/syslog", "HEAD")).toEqual([200, ""]);
  expect(await asked("/logs/empty")).toEqual([200, ""]);
  expect(await asked("/logs/pods/0.log")).toEqual([200, "of a pod"]);
  expect(await asked("/logs/a%3Cb%3E%26%22c%3F.log")).toEqual([200, "odd"]);
});

it("leads from one form of a path to the other", async () => {
  expect(await asked("/logs")).toEqual([301, "logs/"]);
  expect(await asked("/logs/pods")).toEqual([301, "pods/"]);
  expect(await asked("/logs/syslog/")).toEqual([301, "../syslog"]);
});

it("follows links within the folder, and none out of it", async () => {
  expect(await asked("/logs/inside")).toEqual([200, "of a pod"]);
  for (const path of ["outside", "above/", "above/secret", "..%2Fsecret", "%2e%2e/secret", "../secret", "pods//0.log"])
    expect([path, ...(await asked(`/logs/${path}`))]).toEqual([path, 404, ""]);
});

it("waits for no pipe, and says of what is not there that it is not", async () => {
  expect(await asked("/logs/pipe")).toEqual([404, ""]);
  expect(await asked("/logs/nothing")).toEqual([404, ""]);
  expect(await asked("/logs/a%00b")).toEqual([404, ""]);
  expect(await asked("/logs/?query=kubelet")).toEqual([400, ""]);
});
