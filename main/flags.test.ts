import { integer, percent, port, positive } from "./flags.js";

describe("numbers of the command line", () => {
  it.each([
    [positive, "-3", "must be at least 1."],
    [positive, "0", "must be at least 1."],
    [positive, "x", "not a whole number."],
    [positive, "1.5", "not a whole number."],
    [integer, "-3", "must not be negative."],
    [percent, "-1", "must not be negative."],
    [port, "-1", "must not be negative."],
    [port, "-", "not a whole number."],
  ])("%p refuses %s", (read, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
  it("are read", () => {
    expect([positive("1"), integer("0"), percent("100"), port("65535")]).toEqual([1, 0, 100, 65_535]);
  });
});
