import { createServer, type IncomingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../../base/clock.js";
import { EtcdClient } from "./client.js";

it("a watch asks to be ended by a member without a leader", async () => {
  const server = createServer();
  const asked = new Promise<IncomingHttpHeaders>((resolve) => {
    server.on("stream", (stream, headers) => {
      resolve(headers);
      stream.on("error", () => {});
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = await EtcdClient.open({ endpoints: [`http://127.0.0.1:${port}`], clock: systemClock });
  const stream = await client.openWatch();
  stream.on("error", () => {});
  expect(await asked).toMatchObject({ ":path": "/etcdserverpb.Watch/Watch", hasleader: "true" });
  stream.cancel();
  client.close();
  server.close();
});
