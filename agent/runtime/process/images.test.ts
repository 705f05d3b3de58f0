import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImageList } from "./images.js";

describe("the node's image list", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "navarch-images-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it("knows its images for everyone who asks while it is first read", async () => {
    const images = new ImageList(dir);
    const found = await Promise.all([1, 2, 3].map(() => images.find("my-app:latest")));
    expect(found.map((image) => image?.name)).toEqual(["my-app:latest", "my-app:latest", "my-app:latest"]);
  });
});
