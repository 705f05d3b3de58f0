import { bool, duration, int, list, optionalText, text } from "./flags.js";
import { firstOperand, parseArgs } from "./parse-args.js";

const flags = {
  namespace: text("", { short: "n" }),
  "all-namespaces": bool("", { short: "A" }),
  wait: bool("", { initial: true }),
  stdin: bool("", { short: "i" }),
  tty: bool("", { short: "t" }),
  output: text("", { short: "o" }),
  filename: list("", { short: "f" }),
  "dry-run": optionalText("", { bare: "unchanged", initial: "none" }),
  tail: int(""),
  timeout: duration(""),
};
const parse = (...argv: string[]) => parseArgs(argv, flags);

describe("command line", () => {
  it.each([[["-n", "x"]], [["-nx"]], [["-n=x"]], [["--namespace", "x"]], [["--namespace=x"]], [["-An", "x"]]])(
    "reads %j",
    (argv) => {
      expect(parse(...argv).values.namespace).toBe("x");
    },
  );
  it("reads clusters of letters, flags after operands and what follows --", () => {
    const parsed = parse("exec", "-it", "pod", "--", "ls", "-l");
    expect(parsed.operands).toEqual(["exec", "pod", "ls", "-l"]);
    expect(parsed.dashAt).toBe(2);
    expect(parsed.values).toMatchObject({ stdin: true, tty: true });
  });
  it("takes a value for an optional one only after an equals sign", () => {
    expect(parse("--dry-run", "server")).toMatchObject({ operands: ["server"], values: { "dry-run": "unchanged" } });
    expect(parse("--dry-run=server").values["dry-run"]).toBe("server");
    expect(parse().values["dry-run"]).toBe("none");
  });
  it("reads false, lists, numbers and durations", () => {
    const { values, given } = parse("--wait=false", "-f", "a,b", "-f", "c", "--tail=-1", "--timeout=1m30s", "-o=json");
    expect(values).toMatchObject({ wait: false, filename: ["a", "b", "c"], tail: -1, timeout: 90_000, output: "json" });
    expect([...given].sort()).toEqual(["filename", "output", "tail", "timeout", "wait"]);
  });
  it("takes a lone dash for an operand", () => {
    expect(parse("-f", "-", "-").operands).toEqual(["-"]);
  });
  it.each([
    [["--foo"], "unknown flag: --foo"],
    [["--__proto__"], "unknown flag: --__proto__"],
    [["-x"], "unknown shorthand flag: 'x' in -x"],
    [["-n"], "flag needs an argument: 'n' in -n"],
    [["--namespace"], "flag needs an argument: --namespace"],
    [
      ["--wait=maybe"],
      'invalid argument "maybe" for "--wait" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [["--tail=x"], 'invalid argument "x" for "--tail" flag: strconv.ParseInt: parsing "x": invalid syntax'],
    [["--timeout=5"], 'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"'],
  ])("refuses %j", (argv, message) => {
    expect(() => parse(...argv)).toThrow(message);
  });
  it("finds the first operand past flags and their values", () => {
    expect(firstOperand(["-n", "x", "-A", "--output", "json", "get"], flags)).toBe(5);
    expect(firstOperand(["-nx", "--namespace=x", "-An", "y", "get"], flags)).toBe(4);
    expect(firstOperand(["--", "get"], flags)).toBeUndefined();
  });
});
