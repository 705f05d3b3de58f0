import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { systemClock } from "../../base/clock.js";
import { container, pod } from "../pod/pod.test-kit.js";
import { serveLogs, serveLogsOverWebSocket } from "./logs.js";
import type { ServerOptions } from "./server.js";
import type { Upgrade } from "./upgrade.js";

const path = ["default", "web", "main"];

/** A node whose runtime answers only when the caller has gone; `read` is what was read of the log. */
function nodeThatAnswersAfter(leave: () => void) {
  const read: string[] = [];
  const runtime = {
    features: {},
    async containers() {
      leave();
      return [{ id: "c", name: "main", attempt: 0, state: "running", sandboxId: "s" }];
    },
    async *logs() {
      read.push("line");
      yield { timestamp: "", line: Buffer.from("line"), partial: false, stream: "stdout" };
    },
  };
  const served = pod({ containers: [container("main")] }, { metadata: { name: "web", namespace: "default" } });
  const options = { runtime, clock: systemClock, pods: () => [served] };
  return { options: options as object as ServerOptions, read };
}

it("nothing is read of a log whose reader has gone before it is found", async () => {
  const response = Object.assign(new EventEmitter(), {
    write: () => true,
    end() {},
    writeHead() {},
    flushHeaders() {},
  });
  const { options, read } = nodeThatAnswersAfter(() => response.emit("close"));
  const request = { url: "/containerLogs/default/web/main?follow=true" };
  await serveLogs(options, path, request as IncomingMessage, response as object as ServerResponse);
  expect(read).toEqual([]);
});

it("nor of one that was to come over a WebSocket", async () => {
  const socket = new EventEmitter();
  const { options, read } = nodeThatAnswersAfter(() => socket.emit("close"));
  const headers = { upgrade: "websocket", "sec-websocket-protocol": "binary.k8s.io" };
  const upgrade = {
    path,
    query: new URLSearchParams("follow=true"),
    request: { headers },
    socket,
    head: Buffer.alloc(0),
  };
  await serveLogsOverWebSocket(options, upgrade as object as Upgrade);
  expect(read).toEqual([]);
});
