/**
 * Links in HTML pages that begin at the root of the other server, led through the proxy. The page is read as it comes:
 * nothing of it is kept but a tag that has not ended yet, and every other byte stays what it was.
 */

/** Attributes whose value is a link, by element. https://html.spec.whatwg.org/multipage/indices.html#attributes-3 */
const links: Readonly<Record<string, readonly string[]>> = {
  a: ["href"],
  applet: ["codebase"],
  area: ["href"],
  audio: ["src"],
  base: ["href"],
  blockquote: ["cite"],
  body: ["background"],
  button: ["formaction"],
  command: ["icon"],
  del: ["cite"],
  embed: ["src"],
  form: ["action"],
  frame: ["longdesc", "src"],
  head: ["profile"],
  html: ["manifest"],
  iframe: ["longdesc", "src"],
  img: ["longdesc", "src", "usemap"],
  input: ["formaction", "src", "usemap"],
  ins: ["cite"],
  link: ["href"],
  object: ["classid", "codebase", "data", "usemap"],
  q: ["cite"],
  script: ["src"],
  source: ["src"],
  video: ["poster", "src"],
};
/** What stands in these is text, up to their own end tag. */
const raw: ReadonlySet<string> = new Set([
  ...["iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"],
]);
/** A longer tag is let through as it is. */
const tagMaxBytes = 16 * 1024;

/** The page with each such value changed by `rewrite`. */
export async function* withLinks(
  page: AsyncIterable<Uint8Array>,
  rewrite: (link: string) => string,
): AsyncIterable<Uint8Array> {
  const reader = new LinkReader(rewrite);
  // Latin-1 keeps each byte for itself, whatever the page is written in.
  for await (const chunk of page) {
    const done = reader.add(Buffer.from(chunk).toString("latin1"));
    if (done !== "") yield Buffer.from(done, "latin1");
  }
  const rest = reader.end();
  if (rest !== "") yield Buffer.from(rest, "latin1");
}

class LinkReader {
  readonly #rewrite: (link: string) => string;
  /** What cannot be told yet. */
  #rest = "";
  /** Ends what is no markup: `-->`, `</script`, or nothing of that kind. */
  #until = "";

  constructor(rewrite: (link: string) => string) {
    this.#rewrite = rewrite;
  }

  end(): string {
    return this.#rest;
  }

  /** What of the page is settled by now. */
  add(text: string): string {
    const all = this.#rest + text;
    const out: string[] = [];
    let lower: string | undefined;
    let at = 0;
    while (at < all.length) {
      if (this.#until !== "") {
        lower ??= all.toLowerCase();
        const end = lower.indexOf(this.#until, at);
        const next = end < 0 ? Math.max(at, all.length - this.#until.length + 1) : end;
        out.push(all.slice(at, next));
        at = next;
        if (end < 0) break;
        this.#until = "";
        continue;
      }
      const open = all.indexOf("<", at);
      out.push(all.slice(at, open < 0 ? all.length : open));
      at = open < 0 ? all.length : open;
      if (open < 0) break;
      if (all.startsWith("<!--", at)) {
        this.#until = "-->";
        continue;
      }
      if ("<!--".startsWith(all.slice(at))) break;
      const tag = readTag(all, at);
      if (!tag && all.length - at <= tagMaxBytes) break;
      out.push(tag ? this.#changed(all, at, tag) : all.slice(at, at + tagMaxBytes));
      at = tag ? tag.end : at + tagMaxBytes;
      if (tag && raw.has(tag.name)) this.#until = `</${tag.name}`;
    }
    this.#rest = all.slice(at);
    return out.join("");
  }

  #changed(all: string, from: number, { name, end, values }: Tag): string {
    const wanted = Object.hasOwn(links, name) ? links[name] : undefined;
    let out = "";
    let at = from;
    for (const value of values) {
      if (!wanted?.includes(value.name)) continue;
      out += all.slice(at, value.from) + this.#rewrite(all.slice(value.from, value.to));
      at = value.to;
    }
    return out + all.slice(at, end);
  }
}

interface Tag {
  /** Lower case; "" for what is no start tag. */
  readonly name: string;
  readonly end: number;
  readonly values: readonly { readonly name: string; readonly from: number; readonly to: number }[];
}

const isSpace = (char: string | undefined): boolean =>
  char === " " || char === "\n" || char === "\t" || char === "\r" || char === "\f";

/** The tag that begins there; undefined where the text ends before it does. */
function readTag(text: string, from: number): Tag | undefined {
  let at = from + 1;
  const skip = (goesOn: (char: string) => boolean): void => {
    while (at < text.length && goesOn(text[at] ?? "")) at++;
  };
  if (at >= text.length) return undefined;
  if (!/[a-z]/i.test(text[at] ?? "")) {
    // An end tag, a declaration, or a mere sign.
    const isMarkup = /[/!?]/.test(text[at] ?? "");
    const close = isMarkup ? text.indexOf(">", at) : from;
    return close < 0 ? undefined : { name: "", end: close + 1, values: [] };
  }
  skip((char) => !isSpace(char) && char !== "/" && char !== ">");
  const name = text.slice(from + 1, at).toLowerCase();
  const values: { name: string; from: number; to: number }[] = [];
  for (;;) {
    skip((char) => isSpace(char) || char === "/");
    if (at >= text.length) return undefined;
    if (text[at] === ">") return { name, end: at + 1, values };
    const begin = at++;
    skip((char) => !isSpace(char) && char !== "/" && char !== ">" && char !== "=");
    const attribute = text.slice(begin, at).toLowerCase();
    skip(isSpace);
    if (text[at] !== "=") continue;
    at++;
    skip(isSpace);
    const quote = text[at];
    const quoted = quote === '"' || quote === "'";
    const start = quoted ? at + 1 : at;
    if (quoted) {
      const close = text.indexOf(quote, start);
      if (close < 0) return undefined;
      at = close;
    } else skip((char) => !isSpace(char) && char !== ">");
    values.push({ name: attribute, from: start, to: at });
    if (quoted) at++;
  }
}
