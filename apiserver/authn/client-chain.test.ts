import type { Identity } from "../../base/tls.js";
import { call, callHttp2, startTestServer, type TestServer } from "../apiserver.test-kit.js";
import { authorityIn, chained, type Issue, issueBy } from "./chain.test-kit.js";

let test: TestServer;
let root: Identity;
let middle: Identity;
beforeAll(async () => {
  test = await startTestServer();
  root = await authorityIn(test.pki.dir);
  middle = await issueBy(root, { name: "middle", authority: {} });
});
afterAll(() => test?.stop());

const admin: Issue = { name: "alice", groups: ["system:masters"], uses: ["clientAuth"] };
const statusAs = async (as: Identity): Promise<number> =>
  (await call(test, "GET", "/api/v1/namespaces", { as })).status;

describe("a client certificate signed by an intermediate authority", () => {
  it("is believed with the intermediate sent along, over HTTP/1.1 and HTTP/2", async () => {
    const as = chained(await issueBy(middle, admin), middle);
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    for (const ask of [call, callHttp2]) {
      const review = await ask(test, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", { as, body });
      expect(review.body.status.userInfo).toMatchObject({
        username: "alice",
        groups: ["system:masters", "system:authenticated"],
      });
    }
  });

  it("is believed through several of them, in any order", async () => {
    const lower = await issueBy(middle, { name: "lower", authority: { pathLength: 0 }, uses: ["clientAuth"] });
    const leaf = await issueBy(lower, admin);
    expect(await statusAs(chained(leaf, lower, middle))).toBe(200);
    expect(await statusAs(chained(leaf, middle, lower))).toBe(200);
    expect(await statusAs(chained(leaf, lower, middle, root))).toBe(200);
    expect(await statusAs(chained(leaf, lower))).toBe(401);
  });

  it("may be used for all where it names no use", async () => {
    const { uses: _, ...any } = admin;
    expect(await statusAs(chained(await issueBy(middle, any), middle))).toBe(200);
    expect(await statusAs(await issueBy(root, any))).toBe(200);
  });

  it("says the user's uid where it holds one, and speaks for nobody where it holds two", async () => {
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    const whoIs = (as: Identity) =>
      call(test, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", { as, body });
    const one = await whoIs(await issueBy(root, { ...admin, uids: ["42-a"] }));
    expect(one.body.status.userInfo).toMatchObject({ username: "alice", uid: "42-a" });
    expect((await whoIs(await issueBy(root, admin))).body.status.userInfo.uid).toBeUndefined();
    expect((await whoIs(await issueBy(root, { ...admin, uids: ["1", "2"] }))).status).toBe(401);
  });

  it.each<readonly [string, () => Promise<Identity>]>([
    ["no intermediate comes with it", () => issueBy(middle, admin)],
    ["it is a server's", async () => chained(await issueBy(middle, { ...admin, uses: ["serverAuth"] }), middle)],
    ["it is over", async () => chained(await issueBy(middle, { ...admin, endsInMs: -1_000 }), middle)],
    [
      "the intermediate is over",
      async () => {
        const over = await issueBy(root, { name: "over", authority: {}, endsInMs: -1_000 });
        return chained(await issueBy(over, admin), over);
      },
    ],
    [
      "the intermediate is for servers",
      async () => {
        const forServers = await issueBy(root, { name: "servers", authority: {}, uses: ["serverAuth"] });
        return chained(await issueBy(forServers, admin), forServers);
      },
    ],
    [
      "what signed it is no authority",
      async () => {
        const user = await issueBy(root, { ...admin, name: "bob" });
        return chained(await issueBy(user, admin), user);
      },
    ],
    [
      "there are more authorities in a row than one of them allows",
      async () => {
        const last = await issueBy(root, { name: "last", authority: { pathLength: 0 } });
        const beyond = await issueBy(last, { name: "beyond", authority: {} });
        return chained(await issueBy(beyond, admin), beyond, last);
      },
    ],
    [
      "the intermediate only calls itself by the name of ours",
      async () => {
        const stranger = await issueBy({ ...root, key: middle.key }, { name: "middle", authority: {} });
        return chained(await issueBy(stranger, admin), stranger);
      },
    ],
  ])("is refused where %s", async (_, made) => expect(await statusAs(await made())).toBe(401));
});
