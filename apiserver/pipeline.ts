import type { StatusError } from "../apimachinery/status.js";
import type { Logger } from "../base/log.js";
import type { Authenticate } from "./authn/authenticator.js";
import { impersonate } from "./authn/impersonation.js";
import { type Attributes, type Authorizer, attributesOf, forbiddenError } from "./authz/authorizer.js";
import { type FlowHeaders, noHeaders } from "./flow-control.js";
import type { Answer, ApiRequest, RequestContext, RequestInfo, User } from "./request.js";
import type { Deadlines } from "./stages/deadline.js";
import { statusOf } from "./stages/errors.js";
import type { TakeSeat } from "./stages/in-flight.js";
import type { Observe } from "./stages/observe.js";
import { connectionOf, requestInfo } from "./stages/request-info.js";

/** The rooms that a request passes; each may refuse by throwing StatusError. */
export interface Rooms {
  readonly observe: Observe;
  readonly authenticate: Authenticate;
  readonly authorizer: Authorizer;
  readonly takeSeat: TakeSeat;
  readonly deadlines: Deadlines;
  /** Headers that tell how the request was sorted. */
  readonly flowHeaders: (user: User, info: RequestInfo) => FlowHeaders;
  /** To the endpoint that answers. */
  readonly dispatch: (context: RequestContext) => Promise<Answer>;
  readonly log: Logger;
}

/** What came of a request; the door that it came through sends it. */
export interface Passage {
  readonly id: string;
  readonly outcome:
    | { readonly answer: Answer; readonly context: RequestContext }
    | { readonly error: StatusError; readonly context: undefined };
  readonly warnings: readonly string[];
  /** How the request was sorted; nothing of one of which nobody knows who asks. */
  readonly flowHeaders: () => FlowHeaders;
  /** Frees what the request holds and counts it; once, when its answer has gone out or failed to. */
  readonly end: (status: number) => void;
}
export type Pipeline = (request: ApiRequest) => Promise<Passage>;

/** The table of contents of a request. */
export function createPipeline(rooms: Rooms): Pipeline {
  return async (request) => {
    const visit = rooms.observe(request);
    const warnings: string[] = [];
    const releases: (() => void)[] = [];
    const end = once((status: number) => {
      for (const release of releases.toReversed()) release();
      visit.end(status);
    });
    const flowHeaders = (): FlowHeaders =>
      visit.user && visit.info ? rooms.flowHeaders(visit.user, visit.info) : noHeaders;
    try {
      const info = requestInfo(request.method, request.path, request.query);
      visit.info = info;
      const caller = await rooms.authenticate(request);
      visit.caller = caller;
      const asCaller = (): Attributes => attributesOf(caller, info, request.query);
      const user = impersonate(caller, request, asCaller, rooms.authorizer);
      visit.user = user;
      const asked = attributesOf(user, info, request.query);
      const requireRight = (verb: string): void => {
        const attributes = { ...asked, verb };
        const decision = rooms.authorizer.authorize(attributes);
        if (!decision.allowed) throw forbiddenError(attributes, decision.reason);
      };
      for (const verb of rightsNeeded(info, request)) requireRight(verb);
      visit.isAllowed = true;
      // What is waited for a seat counts.
      const deadline = rooms.deadlines.start(info, request.query, request);
      releases.push(deadline.clear);
      // Whoever may do nothing takes nobody's seat.
      const seat = rooms.takeSeat(user, info, deadline, caller);
      releases.push(seat instanceof Promise ? await seat : seat);
      const warn = (text: string): void => void (warnings.length < warningsMax && warnings.push(text));
      const context: RequestContext = {
        request,
        info,
        user,
        requireRight,
        warn,
        get signal() {
          return deadline.signal;
        },
      };
      visit.admitted();
      const answer = await deadline.within(rooms.dispatch(context));
      return { id: visit.id, outcome: { answer, context }, warnings, flowHeaders, end };
    } catch (error) {
      return {
        id: visit.id,
        outcome: { error: statusOf(error, visit.id, rooms.log), context: undefined },
        warnings,
        flowHeaders,
        end,
      };
    }
  };
}

const warningsMax = 50;

/**
 * Reaching into a pod by a WebSocket, which is always a GET, takes the right to create as well; so does what leads there
 * through the proxy of a node.
 */
function* rightsNeeded({ verb, resource }: RequestInfo, { upgrade }: ApiRequest): Iterable<string> {
  yield verb;
  if (upgrade && verb === "get" && connectionOf(resource)?.intoPod) yield "create";
}

function once(task: (status: number) => void): (status: number) => void {
  let done = false;
  return (status) => {
    if (done) return;
    done = true;
    task(status);
  };
}
