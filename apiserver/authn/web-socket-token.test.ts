import { webSocketToken, withoutToken } from "./web-socket-token.js";

const offer = (protocols: string, upgrade = "websocket") => ({ upgrade, "sec-websocket-protocol": protocols });
const carrying = (token: string): string =>
  `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString("base64url")}`;

it.each([
  ["beside another", offer(`v5.channel.k8s.io, ${carrying("a.b_c-d")}`), "a.b_c-d"],
  ["with no other to speak", offer(carrying("a")), ""],
  ["twice", offer(`v5.channel.k8s.io,${carrying("a")},${carrying("b")}`), ""],
  ["that is not base64url", offer("v5.channel.k8s.io,base64url.bearer.authorization.k8s.io.a+/="), ""],
  ["not at all", offer("v5.channel.k8s.io"), undefined],
  ["where nothing is to become a WebSocket", offer(`x,${carrying("a")}`, "spdy/3.1"), undefined],
] as const)("a token offered %s", (_how, headers, token) => {
  expect(webSocketToken(headers)).toBe(token);
});

it("is not passed on", () => {
  expect(withoutToken(`v5.channel.k8s.io, ${carrying("a")},v4.channel.k8s.io`)).toBe(
    "v5.channel.k8s.io, v4.channel.k8s.io",
  );
});
