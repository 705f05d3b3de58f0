import fc from "fast-check";
import { withLinks } from "./links.js";

const rewrite = (link: string): string => (link.startsWith("/") ? `/proxy${link}` : link);

async function page(...chunks: readonly string[]): Promise<string> {
  async function* bytes() {
    for (const chunk of chunks) yield Buffer.from(chunk, "latin1");
  }
  const out: Buffer[] = [];
  for await (const chunk of withLinks(bytes(), rewrite)) out.push(Buffer.from(chunk));
  return Buffer.concat(out).toString("latin1");
}

test.each<[string, string]>([
  ['<a href="/x">t</a>', '<a href="/proxy/x">t</a>'],
  ["<A class=k HREF='/x?a=1&amp;b=2' title=\"/y\">", "<A class=k HREF='/proxy/x?a=1&amp;b=2' title=\"/y\">"],
  ["<img alt = '>' src = /i.png><p>/x</p>", "<img alt = '>' src = /proxy/i.png><p>/x</p>"],
  ["<form action=/do/><link rel=x href=/c.css>", "<form action=/proxy/do/><link rel=x href=/proxy/c.css>"],
  ['<video poster="/p" src="/v"/>', '<video poster="/proxy/p" src="/proxy/v"/>'],
  ['<a href="relative"><a href=""><a href>', '<a href="relative"><a href=""><a href>'],
  ['<!-- <a href="/x"> --><a href="/y">', '<!-- <a href="/x"> --><a href="/proxy/y">'],
  [
    '<script src="/s">if (a<b) "<a href=\'/x\'>"</SCRIPT><a href="/y">',
    '<script src="/proxy/s">if (a<b) "<a href=\'/x\'>"</SCRIPT><a href="/proxy/y">',
  ],
  [
    '1 < 2 <> <3 <!doctype html></a href="/x"><a href="/y">',
    '1 < 2 <> <3 <!doctype html></a href="/x"><a href="/proxy/y">',
  ],
  ['<abbr href="/x"><constructor href="/y">', '<abbr href="/x"><constructor href="/y">'],
  ['<a href="/unfinished', '<a href="/unfinished'],
  ["<a b==/x href==/y>", "<a b==/x href==/y>"],
])("%s", async (text, wanted) => {
  expect(await page(text)).toBe(wanted);
  expect(await page(...text)).toBe(wanted);
});

test("a tag without an end holds nothing up for long", async () => {
  const long = `<a ${"x".repeat(40_000)}`;
  expect(await page(long, '> <a href="/y">')).toBe(`${long}> <a href="/proxy/y">`);
});

test("no page takes long", async () => {
  const startMs = performance.now();
  for (const text of ["<a ", "<", "<a b='", "<title></title>", "<!--", "<script>", "<a href=/x>", "</"])
    await page(text.repeat(65_536 / text.length), text.repeat(65_536 / text.length));
  expect(performance.now() - startMs).toBeLessThan(20_000);
});

test("property: chunks make no difference, and without links nothing changes", async () => {
  const piece = fc.oneof(
    fc.constantFrom("<a ", "href", "=", '"', "'", "/x", ">", "<!--", "-->", "<script>", "</script>", " ", "<", "src"),
    fc.string({ maxLength: 4 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 1, max: 7 }), async (pieces, size) => {
      const text = Buffer.from(pieces.join(""), "utf8").toString("latin1");
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
        text.slice(at * size, at * size + size),
      );
      const whole = await page(text);
      expect(await page(...chunks)).toBe(whole);
      expect(whole.replaceAll("/proxy/", "/")).toBe(text.replaceAll("/proxy/", "/"));
    }),
    { numRuns: 500 },
  );
});
