import type { LocalDoor } from "../apimachinery/local-call.js";
import { groupResourceOf, type ResourceDefinition } from "../apimachinery/resource.js";
import { assert } from "../base/assert.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/log.js";
import { createMetrics, type Metrics } from "../base/metrics.js";
import type { Random } from "../base/random.js";
import type { Identity } from "../base/tls.js";
import { type Access, createAccess } from "./access.js";
import type { Admission } from "./admission/admission.js";
import { admissionPlugins } from "./admission/catalogue.js";
import { createAdmission } from "./admission/chain.js";
import type { DefaultTolerations } from "./admission/default-toleration-seconds.js";
import { type Authenticate, createAuthenticator } from "./authn/authenticator.js";
import { createCertificateAuthenticator } from "./authn/client-certificate.js";
import { TokenKeys } from "./authn/service-account-token.js";
import { bootstrap, type KubernetesService, keepFirstObjects, leaveKubernetesService } from "./bootstrap.js";
import { encodeAnswer } from "./encoding/encode.js";
import { type Api, createApi } from "./endpoints/api.js";
import { metricsEndpoints } from "./endpoints/metrics-api/endpoints.js";
import { pathEndpoints } from "./endpoints/path-catalogue.js";
import { createPathDispatch } from "./endpoints/paths.js";
import { reviewEndpoints } from "./endpoints/reviews.js";
import { serverSubresources } from "./endpoints/subresource-catalogue.js";
import { FlowControl } from "./flow-control.js";
import { createLocalDoor } from "./local-door.js";
import type { Descriptions } from "./openapi/definitions.js";
import type { Listener } from "./outbound/addresses.js";
import { type AgentAccess, createAgentDialer } from "./outbound/agent-dialer.js";
import { createBackendDialer } from "./outbound/backend-dialer.js";
import { createPipeline } from "./pipeline.js";
import { openHttps } from "./server.js";
import { Deadlines, defaultRequestTimeoutMs } from "./stages/deadline.js";
import { createSeats, defaultInFlightLimits, type InFlightLimits, waitShare } from "./stages/in-flight.js";
import { createObserver } from "./stages/observe.js";
import { meteredStorage } from "./storage/metered.js";
import type { Storage } from "./storage/storage.js";

export interface ApiServerOptions {
  /** Belongs to the caller: it stays open when the server closes. */
  readonly storage: Storage;
  readonly definitions: readonly ResourceDefinition[];
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  /** What it shows to clients. */
  readonly identity: Identity;
  /** PEM: who may sign client certificates. */
  readonly clientAuthorities: string;
  readonly serviceAccounts: {
    /** PEM; absent: this server issues no tokens. */
    readonly signingKey?: string;
    readonly verificationKeys?: readonly string[];
    readonly issuer?: string;
  };
  /** How it reaches the nodes' agents. */
  readonly agents: AgentAccess;
  readonly serviceCidr: string;
  readonly nodePortRange?: { readonly first: number; readonly last: number };
  /** Where pods find the API server; absent: no endpoints are published. */
  readonly kubernetesService?: KubernetesService;
  readonly tolerations?: DefaultTolerations;
  readonly inFlight?: InFlightLimits;
  readonly requestTimeoutMs?: number;
  /** Our own version, for /version. */
  readonly version: string;
  /** What is written of kinds and fields, for OpenAPI; read when that is first asked for. Absent: nothing. */
  readonly descriptions?: () => Promise<Descriptions>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics?: Metrics;
}

export interface ApiServer {
  readonly url: string;
  readonly port: number;
  /** The way in for components of the same process. */
  readonly localDoor: LocalDoor;
  readonly metrics: Metrics;
  /** Serves another kind from now on, and serves it no more. */
  readonly kinds: Pick<Api, "addKind" | "removeKind">;
  /** Resolves when what every cluster holds is there; rejects when it could not be written. */
  ready(): Promise<void>;
  /** Serves with another certificate from the next connection on. */
  replaceIdentity(identity: Identity): void;
  /** Unready at once; ends watches, lets other requests finish for this long. */
  close(graceMs: number): Promise<void>;
}

/** A store that is away must not keep a server from ending. */
const leaveTimeoutMs = 1_000;
const defaultIssuer = "https://kubernetes.default.svc.cluster.local";
const defaultTolerations: DefaultTolerations = { notReadySeconds: 300, unreachableSeconds: 300 };

/** Resolves when it answers. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { clock, random, log, metrics = createMetrics(), descriptions = async () => ({}) } = options;
  const issuer = options.serviceAccounts.issuer ?? defaultIssuer;
  const keys = new TokenKeys({ ...options.serviceAccounts, issuer, clock, random });
  const groups = new Set(options.definitions.map(({ group }) => group));
  const storage = meteredStorage(options.storage, { clock, metrics, groups });
  let own: Listener | undefined;
  const agents = { ...options.agents, own: () => own };
  const { api, access } = await openApi({ ...options, storage, agents }, keys);
  countObjects(metrics, api);
  const state = { shuttingDown: false, bootstrapped: false, address: "" };
  const { requestTimeoutMs = defaultRequestTimeoutMs } = options;
  const deadlines = new Deadlines({ clock, random, requestTimeoutMs });
  const paths = createPathDispatch(
    pathEndpoints({ api, keys, metrics, state, log, clock, version: options.version, descriptions }),
  );
  const flowControl = new FlowControl(api.registry.reads);
  const inFlight = metrics.gauge("apiserver_current_inflight_requests", "Requests under way.", ["request_kind"]);
  const pipeline = createPipeline({
    observe: createObserver({ clock, random, log, metrics, serves: (resource) => api.serves(resource) }),
    authenticate: authenticator(options, access, issuer),
    authorizer: access.authorizer,
    takeSeat: createSeats(options.inFlight ?? defaultInFlightLimits, inFlight, {
      clock,
      waitMaxMs: requestTimeoutMs * waitShare,
    }),
    deadlines,
    flowHeaders: (user, info) => flowControl.headersFor(user, info),
    dispatch: (context) => (context.info.resource ? api.handle(context) : paths(context)),
    log,
  });
  const https = await openHttps({
    ...options,
    pipeline,
    encode: (answer, { request }) => encodeAnswer(answer, { request, now: () => clock.now() }),
  }).catch(async (error: unknown) => {
    await api.close();
    throw error;
  });
  own = { address: options.address, port: https.port };
  state.address = `${urlHost(options.address)}:${https.port}`;
  const stop = new AbortController();
  const first = { ...options, storage, registry: api.registry, port: https.port, signal: stop.signal };
  const ready = bootstrap(first).then(() => {
    state.bootstrapped = true;
  });
  const kept = ready.then(() => keepFirstObjects(first));
  kept.catch((error: unknown) => {
    if (!stop.signal.aborted) log.error("the cluster's first objects could not be written", { error: String(error) });
  });
  return {
    url: `https://${state.address}`,
    port: https.port,
    localDoor: createLocalDoor(pipeline),
    metrics,
    kinds: api,
    ready: () => ready,
    replaceIdentity: (identity) => https.replaceIdentity(identity),
    async close(graceMs) {
      state.shuttingDown = true;
      stop.abort();
      deadlines.stop();
      await https.close(graceMs);
      await kept.catch(() => {});
      await within(clock, leaveTimeoutMs, leaveKubernetesService(first)).catch((error: unknown) => {
        log.warn("the endpoints of the service kubernetes still name this server", { error: String(error) });
      });
      await api.close();
    },
  };
}

/** Under both names: the older counts by resource alone. */
function countObjects(metrics: Metrics, api: Api): void {
  metrics.derived("apiserver_storage_objects", "Objects that the store holds.", ["resource"], () =>
    [...api.counts()].map(([definition, count]) => [count, groupResourceOf(definition)] as const),
  );
  metrics.derived("apiserver_resource_objects", "Objects that the store holds.", ["group", "resource"], () =>
    [...api.counts()].map(([{ group, plural }, count]) => [count, group, plural] as const),
  );
}

/** Rejects when the work takes longer; the work itself goes on. */
function within(clock: Clock, limitMs: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(limitMs, () => reject(new Error(`no answer of the store in ${limitMs} ms`)));
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}

interface Opened {
  readonly api: Api;
  readonly access: Access;
}

const authenticator = (
  { clock, log, clientAuthorities }: ApiServerOptions,
  { authenticateToken }: Access,
  issuer: string,
): Authenticate =>
  createAuthenticator({
    clock,
    certificate: createCertificateAuthenticator(clientAuthorities),
    token: async (token) => authenticateToken(token, [issuer]),
    onRefused: (why) => log.debug("identity refused", { why }),
  });

/** The resources, with admission and authorization that read through their caches. */
async function openApi(options: ApiServerOptions, keys: TokenKeys): Promise<Opened> {
  const { clock, random, tolerations = defaultTolerations } = options;
  let made: { readonly access: Access; readonly admission: Admission } | undefined;
  const parts = () => {
    assert(made, "asked for rights before there are any objects");
    return made;
  };
  const dialer = createAgentDialer(options.agents);
  const api = await createApi({
    ...options,
    admission: ({ reads }) => {
      const access = createAccess({ reads, keys, clock });
      const { loopbackCidrs = [] } = options.agents;
      const plugins = admissionPlugins({ ...access, clock, random, tolerations, loopbackCidrs });
      made = { access, admission: createAdmission(plugins, reads) };
      return made.admission;
    },
    subresources: serverSubresources({
      keys,
      dialer,
      backends: createBackendDialer(options.agents),
      dice: () => random.next(),
      admission: () => parts().admission,
    }),
    virtuals: [
      ...reviewEndpoints({ access: () => parts().access, audience: keys.issuer }),
      ...metricsEndpoints({ dialer, clock, log: options.log }),
    ],
  });
  return { api, access: parts().access };
}

const urlHost = (address: string): string => (address.includes(":") ? `[${address}]` : address);
