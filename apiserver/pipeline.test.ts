import { StatusError } from "../apimachinery/status.js";
import type { Logger } from "../base/log.js";
import { createMetrics } from "../base/metrics.js";
import { seededRandom } from "../base/random.js";
import { VirtualClock } from "../base/virtual-clock.js";
import { createPipeline, type Rooms } from "./pipeline.js";
import type { Answer, ApiRequest, RequestContext, User } from "./request.js";
import { Deadlines } from "./stages/deadline.js";
import { createSeats } from "./stages/in-flight.js";
import { createObserver } from "./stages/observe.js";

const user: User = { name: "alice", uid: "", groups: ["system:authenticated"], extra: {} };
const master: User = { ...user, groups: ["system:masters"] };
const done: Answer = { type: "value", status: 200, value: {} };

function setUp(rooms: Partial<Rooms> & { readonly who?: User; readonly seats?: number } = {}) {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const errors: unknown[] = [];
  const visits: unknown[] = [];
  const log: Logger = {
    debug: (_message, fields) => void visits.push(fields),
    info() {},
    warn() {},
    error: (...line) => void errors.push(line),
    with: () => log,
  };
  const metrics = createMetrics();
  const seats = rooms.seats ?? 10;
  const deadlines = new Deadlines({ clock, random, requestTimeoutMs: 1_000, minWatchMs: 10_000 });
  const pipeline = createPipeline({
    observe: createObserver({ clock, random, log, metrics, serves: ({ plural }) => plural === "pods" }),
    authenticate: async () => rooms.who ?? user,
    authorizer: { authorize: () => ({ allowed: true, reason: "" }) },
    takeSeat: createSeats({ readOnly: seats, mutating: seats }, metrics.gauge("g", "", ["kind"]), {
      clock,
      waitMaxMs: 250,
    }),
    deadlines,
    flowHeaders: () => ({}),
    dispatch: async () => done,
    log,
    ...rooms,
  });
  return { clock, errors, visits, metrics, pipeline, deadlines };
}

function request(method: string, url: string, more: Partial<ApiRequest> = {}): ApiRequest {
  const [path = "", query = ""] = url.split("?");
  return {
    method,
    path,
    query: new URLSearchParams(query),
    headers: {},
    body: { type: "none" },
    clientCertificate: undefined,
    remoteAddress: "",
    signal: new AbortController().signal,
    upgrade: undefined,
    ...more,
  };
}
const patience = { clock: new VirtualClock(), waitMaxMs: 250 };
const list = request("GET", "/api/v1/pods");
const watch = request("GET", "/api/v1/pods?watch=true");
const never = () => new Promise<never>(() => {});

describe("a request that fails unexpectedly", () => {
  it("is a 500 that tells an id, and is logged once with its stack", async () => {
    const { pipeline, errors } = setUp({
      dispatch: async () => {
        throw new TypeError("secret detail");
      },
    });
    const { outcome, id } = await pipeline(list);
    expect(outcome).toMatchObject({ error: { reason: "InternalError", code: 500 } });
    expect(JSON.stringify("error" in outcome && outcome.error.status)).not.toContain("secret");
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors)).toContain(id);
    expect(JSON.stringify(errors)).toContain("secret detail");
  });

  it("as expected is passed on and not logged", async () => {
    const { pipeline, errors } = setUp({
      dispatch: async () => {
        throw new StatusError("Conflict", "no");
      },
    });
    expect((await pipeline(list)).outcome).toMatchObject({ error: { code: 409 } });
    expect(errors).toEqual([]);
  });
});

describe("who asks", () => {
  const as = (name: string, url = "/api/v1/pods") => request("GET", url, { headers: { "impersonate-user": name } });

  it("is logged as who came, and as whom", async () => {
    const { pipeline, visits } = setUp();
    (await pipeline(list)).end(200);
    (await pipeline(as("bob"))).end(200);
    expect(visits).toMatchObject([{ user: "alice" }, { user: "alice", impersonated: "bob" }]);
    expect(visits[0]).not.toHaveProperty("impersonated");
  });

  it("is logged where acting as another is refused", async () => {
    const { pipeline, visits } = setUp({ authorizer: { authorize: () => ({ allowed: false, reason: "" }) } });
    (await pipeline(as("bob"))).end(403);
    expect(visits).toMatchObject([{ user: "alice", status: 403 }]);
  });

  it("is who came when long requests are counted, as whomever", async () => {
    const gauge = createMetrics().gauge("g", "", ["kind"]);
    const { pipeline } = setUp({
      takeSeat: createSeats({ readOnly: 1, mutating: 1, longRunningPerUser: 1 }, gauge, patience),
    });
    expect((await pipeline(as("bob", "/api/v1/pods?watch=true"))).outcome).toHaveProperty("answer");
    expect((await pipeline(as("carol", "/api/v1/pods?watch=true"))).outcome).toMatchObject({ error: { code: 429 } });
  });
});

describe("what is counted", () => {
  const linesOf = async ({ metrics }: Pick<ReturnType<typeof setUp>, "metrics">): Promise<readonly string[]> =>
    (await metrics.expose()).text.split("\n").filter((line) => line.startsWith("apiserver_request_total{"));
  const refused = { authorize: () => ({ allowed: false, reason: "" }) };
  const unknown = async () => {
    throw new StatusError("Unauthorized", "Unauthorized");
  };
  const madeUp = "/apis/made.up/v7/ups/x/downs";

  it.each<[string, number, Partial<Rooms>, ApiRequest]>([
    ["without an identity", 401, { authenticate: unknown }, request("GET", madeUp)],
    ["without an identity, of a known kind", 401, { authenticate: unknown }, list],
    ["without rights", 403, { authorizer: refused }, request("GET", madeUp)],
    ["without rights, of a known kind", 403, { authorizer: refused }, list],
    ["that cannot be read", 400, { authorizer: refused }, request("GET", `${madeUp}?fieldSelector=!!`)],
    [
      "as nobody in groups",
      400,
      { authorizer: refused },
      request("GET", madeUp, { headers: { "impersonate-group": "x" } }),
    ],
    ["of a kind that there is not", 404, {}, request("GET", madeUp)],
    ["that may not be made", 405, {}, request("GET", madeUp)],
  ])("of a request %s is not in its own words", async (_, status, rooms, asked) => {
    const test = setUp(rooms);
    (await test.pipeline(asked)).end(status);
    const [line, ...more] = await linesOf(test);
    expect(more).toEqual([]);
    expect(line).toContain('group="",version="",resource="",subresource=""');
    expect(line).toContain(`code="${status}"`);
  });

  it.each([200, 400, 403, 404, 409])("of a kind that there is names it, whatever comes of it: %s", async (status) => {
    const test = setUp();
    (await test.pipeline(request("GET", "/api/v1/namespaces/default/pods/a"))).end(status);
    expect(await linesOf(test)).toEqual([
      expect.stringContaining('group="",version="v1",resource="pods",subresource="",scope="resource"'),
    ]);
  });
});

describe("an upgrade that reaches into a container", () => {
  const upgrade = () => undefined as never;
  const askedBy = async (url: string, more: Partial<ApiRequest>): Promise<readonly string[]> => {
    const verbs: string[] = [];
    const authorize = ({ verb }: { readonly verb: string }) => {
      verbs.push(verb);
      return { allowed: true, reason: "" };
    };
    await setUp({ authorizer: { authorize } }).pipeline(request("GET", url, more));
    return verbs;
  };
  const pod = "/api/v1/namespaces/default/pods/a";

  it.each([`${pod}/exec`, `${pod}/attach`, `${pod}/portforward`, "/api/v1/nodes/one/proxy/exec/default/a/main"])(
    "takes the right to create as well: %s",
    async (url) => {
      expect(await askedBy(url, { upgrade })).toEqual(["get", "create"]);
      expect(await askedBy(url, {})).toEqual(["get"]);
    },
  );

  it("is not one to what a pod or a service serves", async () => {
    expect(await askedBy(`${pod}/proxy/socket`, { upgrade })).toEqual(["get"]);
  });
});

describe("requests under way", () => {
  it.each([list, watch])("are over for whoever listens once their answer is out", async (asked) => {
    let signal: AbortSignal | undefined;
    const { pipeline } = setUp({
      dispatch: async (context) => {
        signal = context.signal;
        return done;
      },
    });
    const { end } = await pipeline(asked);
    expect(signal?.aborted).toBe(false);
    end(200);
    expect(signal?.aborted).toBe(true);
  });

  it("are bounded, reads and writes apart, and leave their seats once answered", async () => {
    const { pipeline } = setUp({ seats: 1 });
    const first = await pipeline(list);
    const second = await pipeline(list);
    expect(second.outcome).toMatchObject({
      error: { code: 429, reason: "TooManyRequests", details: { retryAfterSeconds: 1 } },
    });
    second.end(429);
    expect((await pipeline(request("POST", "/api/v1/namespaces"))).outcome).toHaveProperty("answer");
    expect((await pipeline(list)).outcome).toHaveProperty("error");
    first.end(200);
    first.end(200);
    const third = await pipeline(list);
    expect(third.outcome).toHaveProperty("answer");
    expect((await pipeline(list)).outcome).toHaveProperty("error");
  });

  it("take no seat when they last, or come from an administrator", async () => {
    const { pipeline } = setUp({ seats: 0 });
    expect((await pipeline(watch)).outcome).toHaveProperty("answer");
    expect((await setUp({ seats: 0, who: master }).pipeline(list)).outcome).toHaveProperty("answer");
  });

  it("that last are bounded for each user, and make room when they end", async () => {
    const gauge = createMetrics().gauge("g", "", ["kind"]);
    const { pipeline } = setUp({
      takeSeat: createSeats({ readOnly: 1, mutating: 1, longRunningPerUser: 1 }, gauge, patience),
    });
    const first = await pipeline(watch);
    const second = await pipeline(request("GET", "/api/v1/namespaces/default/pods/a/log"));
    expect(second.outcome).toMatchObject({ error: { code: 429, reason: "TooManyRequests" } });
    first.end(200);
    expect((await pipeline(watch)).outcome).toHaveProperty("answer");
  });

  it("give their seat back when they are refused", async () => {
    const { pipeline } = setUp({ seats: 1, authorizer: { authorize: () => ({ allowed: false, reason: "" }) } });
    for (let round = 0; round < 3; round++) {
      const { outcome, end } = await pipeline(list);
      expect(outcome).toMatchObject({ error: { code: 403 } });
      end(403);
    }
  });
});

describe("time", () => {
  it("is up for a request after the server's limit or the client's, whichever is less", async () => {
    for (const [url, ms] of [
      ["/api/v1/pods", 1_000],
      ["/api/v1/pods?timeout=300ms", 300],
      ["/api/v1/pods?timeout=1h", 1_000],
      ["/api/v1/pods?timeout=0s", 1_000],
    ] as const) {
      const { clock, pipeline } = setUp({ dispatch: never });
      const answer = pipeline(request("GET", url));
      let settled = false;
      void answer.then(() => {
        settled = true;
      });
      await clock.advance(ms - 1);
      expect(settled).toBe(false);
      await clock.advance(1);
      expect((await answer).outcome).toMatchObject({
        error: { code: 504, message: "Timeout: request did not complete within the allotted timeout" },
      });
    }
  });

  it("ends a watch at its own wish, else at a random time, and is none of a log's", async () => {
    const endOf = async (url: string, advanceMs: number): Promise<boolean> => {
      let context: RequestContext | undefined;
      const { clock, pipeline } = setUp({
        dispatch: async (given) => {
          context = given;
          return done;
        },
      });
      await pipeline(request("GET", url));
      await clock.advance(advanceMs);
      return context?.signal.aborted ?? false;
    };
    expect(await endOf("/api/v1/pods?watch=1&timeoutSeconds=5", 4_999)).toBe(false);
    expect(await endOf("/api/v1/pods?watch=1&timeoutSeconds=5", 5_000)).toBe(true);
    expect(await endOf("/api/v1/pods?watch=1", 9_999)).toBe(false);
    expect(await endOf("/api/v1/pods?watch=1", 20_000)).toBe(true);
    expect(await endOf("/api/v1/namespaces/a/pods/b/log", 10_000_000)).toBe(false);
  });

  it("is up for what lasts when the server stops", async () => {
    let signal: AbortSignal | undefined;
    const { pipeline, deadlines } = setUp({
      dispatch: async (context) => {
        signal = context.signal;
        return done;
      },
    });
    await pipeline(watch);
    expect(signal?.aborted).toBe(false);
    deadlines.stop();
    expect(signal?.aborted).toBe(true);
    await pipeline(watch);
    expect(signal?.aborted).toBe(true);
    await pipeline(list);
    expect(signal?.aborted).toBe(false);
  });
});
