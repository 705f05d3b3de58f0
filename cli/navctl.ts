import { main } from "./main.js";

const interrupt = new AbortController();
process.once("SIGINT", () => {
  interrupt.abort();
  process.once("SIGINT", () => process.exit(130));
});
// The reader of a pipe may leave first (`navctl get pods | head -1`).
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

let reads = false;
process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  get stderrIsTty() {
    return process.stderr.isTTY === true;
  },
  // Opening standard input costs milliseconds, so only who reads it does.
  get stdin() {
    reads = true;
    return process.stdin;
  },
  env: process.env,
  cwd: process.cwd(),
  isTty: process.stdout.isTTY === true,
  signal: interrupt.signal,
  get terminal() {
    if (!process.stdin.isTTY) return undefined;
    return {
      setRaw: (raw: boolean) => void process.stdin.setRawMode(raw),
      size: () => ({ columns: process.stdout.columns ?? 0, rows: process.stdout.rows ?? 0 }),
      onResize(listener: (() => void) | undefined) {
        process.stdout.removeAllListeners("resize");
        if (listener) process.stdout.on("resize", listener);
      },
    };
  },
  async runProgram(program, args) {
    const { spawn } = await import("node:child_process");
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { stdio: "inherit" });
      child.once("error", reject);
      child.once("exit", (code) => resolve(code ?? 1));
    });
  },
  async runEditor(command, file) {
    const { spawn } = await import("node:child_process");
    return new Promise((resolve, reject) => {
      const child = spawn("/bin/sh", ["-c", `${command} "$1"`, "sh", file], { stdio: "inherit" });
      child.once("error", reject);
      child.once("exit", (code) => resolve(code ?? 1));
    });
  },
});
// A terminal, or a pipe that nobody closes, would keep the process although there is no one left to read for.
if (reads) process.stdin.destroy();
