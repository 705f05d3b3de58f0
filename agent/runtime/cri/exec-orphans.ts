import type { Clock } from "../../../base/clock.js";
import { messageOf } from "../../../base/error-text.js";
import type { Logger } from "../../../base/log.js";
import { descendants, lookUp, signalProcess, startedAgoMs } from "../proc.js";
import { isNotFound } from "./channel.js";
import type { RuntimeService } from "./service.js";

/** Who asked for a program beside a container's own. Times are of a clock that nobody sets. */
export interface ExecCaller {
  readonly askedAtMs: number;
  /** It has gone before its program ended. */
  readonly isGone: boolean;
}

/** A program beside a container's own, as the runtime knows it. */
export interface ExecProgram {
  readonly execId: string;
  readonly startedAtMs: number;
}

/**
 * Programs whose caller has gone. The runtime does not say which is whose: one that only one caller can have asked for
 * is his if it began soon after, and he asked for no other. What may still be that of one who waits is let be until he is
 * done, and what began late altogether: other tools start programs too.
 */
export function orphansOf<Caller extends ExecCaller>(
  programs: readonly ExecProgram[],
  callers: readonly Caller[],
): ReadonlyMap<Caller, string> {
  const owners = new Map<Caller, string>();
  for (let before = -1; before < owners.size; ) {
    before = owners.size;
    const taken = new Set(owners.values());
    for (const program of programs) {
      const possible = callers.filter((caller) => !owners.has(caller) && mayBeOf(caller, program));
      // Of several who have all gone it does not matter whose it is.
      const isTold = possible.length === 1 || possible.every(({ isGone }) => isGone);
      const owner = possible.find((caller) => isSoonAfter(caller, program));
      if (owner && isTold && !taken.has(program.execId)) owners.set(owner, program.execId);
    }
  }
  return new Map([...owners].filter(([{ isGone }]) => isGone));
}

const mayBeOf = ({ askedAtMs }: ExecCaller, { startedAtMs }: ExecProgram): boolean =>
  startedAtMs >= askedAtMs - clockSlackMs && startedAtMs <= askedAtMs + startMaxMs;

const isSoonAfter = (caller: ExecCaller, program: ExecProgram): boolean =>
  mayBeOf(caller, program) && program.startedAtMs <= caller.askedAtMs + soonMs;

export interface ExecOrphansOptions {
  readonly service: Pick<RuntimeService, "execPrograms" | "killExec">;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long ago a process began. */
  readonly agoMs?: (pid: number) => number | undefined;
}

/** Ends what callers leave behind: runtimes let programs without a terminal go on. */
export class ExecOrphans {
  readonly #options: ExecOrphansOptions;
  readonly #callers = new Map<string, Set<{ readonly askedAtMs: number; isGone: boolean }>>();
  /** Aborted: begins anew. */
  readonly #sweeping = new Map<string, AbortController>();

  constructor(options: ExecOrphansOptions) {
    this.#options = options;
  }

  /** A caller asks for a program now. Answers what is to be called when it has ended, or its caller has gone. */
  asked(containerId: string): (isGone: boolean) => void {
    const caller = { askedAtMs: this.#options.clock.monotonic(), isGone: false };
    const callers = this.#callers.get(containerId) ?? new Set();
    this.#callers.set(containerId, callers.add(caller));
    return (isGone) => {
      if (isGone) caller.isGone = true;
      else this.#forget(containerId, caller);
      void this.#sweep(containerId);
    };
  }

  #forget(containerId: string, caller: { readonly askedAtMs: number; isGone: boolean }): void {
    const callers = this.#callers.get(containerId);
    callers?.delete(caller);
    if (callers?.size === 0) this.#callers.delete(containerId);
  }

  /** Looks a few times: what was asked for last may not have started yet. Who goes meanwhile has it begin anew. */
  async #sweep(containerId: string): Promise<void> {
    const under = this.#sweeping.get(containerId);
    if (under) return under.abort();
    const lacksAny = (): boolean => ![...(this.#callers.get(containerId) ?? [])].some(({ isGone }) => isGone);
    let couldLook = true;
    for (let at = 0; at < looks && !lacksAny(); at++) {
      const anew = new AbortController();
      this.#sweeping.set(containerId, anew);
      await this.#options.clock.sleep(at === 0 ? 0 : (firstRetriesMs[at - 1] ?? retryMs), anew.signal);
      couldLook = await this.#tryLook(containerId);
      if (anew.signal.aborted) at = 0;
    }
    this.#sweeping.delete(containerId);
    if (couldLook) return;
    for (const caller of this.#callers.get(containerId) ?? []) if (caller.isGone) this.#forget(containerId, caller);
  }

  async #tryLook(containerId: string): Promise<boolean> {
    try {
      await this.#look(containerId);
      return true;
    } catch (error) {
      // The container has gone with all its programs; else the runtime may tell of them the next time.
      if (isNotFound(error)) this.#callers.delete(containerId);
      this.#options.log.debug("programs beside a container's own not looked for", {
        containerId,
        error: messageOf(error),
      });
      return false;
    }
  }

  async #look(containerId: string): Promise<void> {
    const { service, clock, agoMs: agoOf = startedAgoMs } = this.#options;
    const programs = (await service.execPrograms(containerId)).flatMap(({ execId, pid }) => {
      const nowMs = clock.monotonic(); // now, and not when the runtime was asked, which may take it long to answer
      const agoMs = agoOf(pid);
      return agoMs === undefined ? [] : [{ execId, pid, startedAtMs: nowMs - agoMs }];
    });
    // Whose program never came stands in the way of no other any more.
    for (const caller of this.#callers.get(containerId) ?? [])
      if (caller.isGone && this.#isPast(caller) && !programs.some((program) => isSoonAfter(caller, program)))
        this.#forget(containerId, caller);
    const callers = [...(this.#callers.get(containerId) ?? [])];
    for (const [caller, execId] of orphansOf(programs, callers)) {
      const pid = programs.find((program) => program.execId === execId)?.pid ?? 0;
      const family = [...[lookUp(pid)].flatMap((found) => found ?? []), ...descendants(pid)];
      await service.killExec(containerId, execId);
      for (const identity of family) signalProcess(identity, "SIGKILL");
      this.#forget(containerId, caller);
    }
  }

  #isPast = ({ askedAtMs }: ExecCaller): boolean => this.#options.clock.monotonic() > askedAtMs + startMaxMs;
}

/** A program asked for has started by then, or never will. */
const startMaxMs = 30_000;
/** What begins later may be another tool's: it is never ended. */
const soonMs = 5_000;
/** The kernel counts starts in hundredths of a second. */
const clockSlackMs = 20;
const firstRetriesMs = [200, 1_000];
const retryMs = 5_000;
/** Longer than anything asked for before may be on its way. */
const looks = 3 + Math.ceil((2 * startMaxMs) / retryMs);
