import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeImages, ImageList, normalize } from "./images.js";

it.each([
  ["busybox", "busybox:latest"],
  ["docker.io/library/busybox", "busybox:latest"],
  ["index.docker.io/library/busybox:1.36", "busybox:1.36"],
  ["host:5000/team/app", "host:5000/team/app:latest"],
  ["app@sha256:00", "app@sha256:00"],
])("the image %s is %s", (image, expected) => {
  expect(normalize(image)).toBe(expected);
});

it.each([
  [[], "images: expected a list"],
  [{ images: [{ name: "" }] }, "images[0].name: expected text"],
  [{ images: [{ name: "a", comand: [] }] }, "images[0].comand: unknown field"],
  [{ images: [{ name: "a", args: "sh" }] }, "images[0].args: expected a list of texts"],
  [{ images: ["a"] }, "images[0]: expected a mapping"],
])("a list that is wrong is refused with the place: %j", (value, message) => {
  expect(() => decodeImages(value, String)).toThrow(message);
});

describe("the image list of a node", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "images-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it("comes with images that the host can run", async () => {
    const images = new ImageList(dir);
    expect(await images.find("my-app")).toMatchObject({
      command: [process.execPath, join(dir, "images", "my-app.mjs")],
    });
    expect((await images.find("busybox:1.36"))?.args).toContain("sh");
    expect((await images.find("node:20"))?.args).toEqual([process.execPath]);
    expect(await images.find("my-app:v9")).toBeUndefined();
  });

  it("is read again when it changes, and keeps the last good one when it is broken", async () => {
    const images = new ImageList(dir);
    await images.entries();
    writeFileSync(images.file, "images:\n- name: tool\n  command: [/bin/echo, $(DIR)]\n");
    expect(await images.find("tool:any")).toMatchObject({ command: ["/bin/echo", join(dir, "images")] });
    await new Promise((resolve) => setTimeout(resolve, 20));
    writeFileSync(images.file, "images: {");
    expect(await images.find("tool")).toBeDefined();
    expect(images.problem).toContain("images.yaml: ");
  });
});
