import { encodeAnswer } from "../encoding/encode.js";
import { type ApiKit, collect, openApiKit } from "./api.test-kit.js";

const slices = "/apis/resource.k8s.io/v1/resourceslices";
const revisions = "/apis/apps/v1/namespaces/default/controllerrevisions";
const pods = "/api/v1/namespaces/default/pods";
const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const most = "9223372036854775807";
const odd = "9007199254740993";

const slice = `{"metadata":{"name":"s"},"spec":{"driver":"x.io","nodeName":"n",
  "pool":{"name":"p","generation":${odd},"resourceSliceCount":1},
  "devices":[{"name":"d","attributes":{"a":{"int":-${most}}}}]}}`;
const revision = `{"metadata":{"name":"r"},"revision":${most},"data":{"note":[${odd}]}}`;

let kit: ApiKit;
beforeEach(async () => {
  kit = await openApiKit();
});
afterEach(() => kit.close());

async function text(method: string, url: string, bytes?: string | Buffer, headers: Record<string, string> = {}) {
  const { answer, context } = await kit.call(method, url, { ...(bytes ? { bytes } : {}), headers });
  return collect(encodeAnswer(answer, { request: context.request, now: () => 0 }).body);
}
const post = async (url: string, bytes: string) => (await text("POST", url, bytes)).toString();

describe("integers beyond 2^53", () => {
  it("come back digit by digit, in every form of an answer", async () => {
    const made = await post(slices, slice);
    expect(made).toContain(`"generation":${odd}`);
    expect(made).toContain(`"int":-${most}`);
    await post(revisions, revision);
    const forms: readonly [string, Record<string, string>][] = [
      ["", {}],
      ["?pretty=1", {}],
      ["", { accept: "application/yaml" }],
      ["?includeObject=Object", { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" }],
      ["?includeObject=Object&pretty=1", { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" }],
    ];
    for (const [query, headers] of forms)
      for (const url of [revisions, `${revisions}/r`]) {
        const answer = (await text("GET", url + query, undefined, headers)).toString();
        expect(answer).toMatch(new RegExp(`"?revision"?: ?${most}`));
        expect(answer).toContain(odd);
      }
  });

  it("come over protocol buffers, both ways", async () => {
    const protobuf = "application/vnd.kubernetes.protobuf";
    const bytes = await text("POST", `${slices}?dryRun=All`, slice, { accept: protobuf });
    const back = await text("POST", slices, bytes, { "content-type": protobuf });
    expect(back.toString()).toContain(`"generation":${odd}`);
    expect(back.toString()).toContain(`"int":-${most}`);
  });

  it("come in YAML, in patches and in what is applied", async () => {
    const yaml = { "content-type": "application/yaml" };
    expect(
      (await text("POST", revisions, `metadata: {name: r}\nrevision: ${odd}\ndata: {}\n`, yaml)).toString(),
    ).toContain(`"revision":${odd}`);
    for (const [type, patch, shown] of [
      ["merge-patch+json", `{"revision":${most}}`, most],
      ["strategic-merge-patch+json", `{"revision":${odd}}`, odd],
      [
        "json-patch+json",
        `[{"op":"test","path":"/revision","value":${odd}},{"op":"replace","path":"/revision","value":${most}}]`,
        most,
      ],
      ["apply-patch+yaml", `{"apiVersion":"apps/v1","kind":"ControllerRevision","revision":${odd}}`, odd],
    ] as const) {
      const headers = { "content-type": `application/${type}` };
      const options = type.startsWith("apply") ? "?fieldManager=m&force=true" : "";
      const answer = await text("PATCH", `${revisions}/r${options}`, patch, headers);
      expect(answer.toString()).toContain(`"revision":${shown}`);
    }
  });

  it("change nothing where they are what is there", async () => {
    await post(revisions, revision);
    const before = await kit.storage.currentRevision();
    await text("PUT", `${revisions}/r`, revision);
    expect(await kit.storage.currentRevision()).toBe(before);
  });

  it("are refused beyond 64 bits, in 32 and where a duration or an id is meant", async () => {
    const tooMuch = await kit.json("POST", revisions, { bytes: revision.replace(most, "9223372036854775808") });
    expect([tooMuch.status, tooMuch.body.reason]).toEqual([400, "BadRequest"]);
    const pod = (spec: string) => `{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}],${spec}}}`;
    for (const spec of [`"priority":${odd}`, `"terminationGracePeriodSeconds":${odd}`]) {
      const { status, body } = await kit.json("POST", pods, { bytes: pod(spec) });
      expect(status).toBe(400);
      expect(body.message).toMatch(/json: cannot unmarshal number 9007199254740993 into Go struct field PodSpec/);
    }
  });

  it("are no obstacle to bounds that are fractions, and to quantities", async () => {
    const schema = `{"type":"object","properties":{"n":{"type":"integer","maximum":${most}}}}`;
    const crd = `{"metadata":{"name":"as.x.io"},"spec":{"group":"x.io","scope":"Cluster","names":{"plural":"as","kind":"A"},
      "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":${schema}}}]}}`;
    expect((await kit.json("POST", crds, { bytes: crd })).status).toBe(201);
    const memory = `{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"memory":${odd}}}}]}}`;
    expect(await post(pods, memory)).toContain(`"memory":"${odd}"`);
  });
});
