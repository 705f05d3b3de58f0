import { type IPty, spawn } from "@lydell/node-pty";

/** A program in a terminal, as a person sits before it. */
export interface Terminal {
  /** All that it has shown so far. */
  readonly shown: string;
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Resolves when the text was shown. */
  sees(text: string | RegExp): Promise<void>;
  readonly exited: Promise<number>;
  kill(signal: NodeJS.Signals): void;
}

const patienceMs = 20_000;

export function openTerminal(command: string, args: readonly string[], columns = 80, rows = 24): Terminal {
  const pty: IPty = spawn(command, [...args], { cols: columns, rows, env: process.env });
  let shown = "";
  const looks = new Set<() => void>();
  pty.onData((text) => {
    shown += text;
    for (const look of looks) look();
  });
  return {
    get shown() {
      return shown;
    },
    type: (text) => pty.write(text),
    resize: (toColumns, toRows) => pty.resize(toColumns, toRows),
    exited: new Promise((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode))),
    kill: (signal) => process.kill(pty.pid, signal),
    sees: (text) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${text} was not shown, but ${JSON.stringify(shown)}`)),
          patienceMs,
        );
        const look = (): void => {
          if (!(typeof text === "string" ? shown.includes(text) : text.test(shown))) return;
          clearTimeout(timer);
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      }),
  };
}
