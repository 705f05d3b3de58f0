import { cells, errorsOf } from "../kind.test-kit.js";
import { certificateSigningRequests } from "./certificate-signing-request.js";

const pem = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n";
const request = (spec: object = {}): object => ({
  spec: { request: Buffer.from(pem).toString("base64"), signerName: "acme.io/web", usages: ["client auth"], ...spec },
});

describe("certificate signing requests", () => {
  it.each<[string, object, readonly string[]]>([
    ["a good one", request(), []],
    ["no use", request({ usages: [] }), ["spec.usages: Required value"]],
    [
      "a signer of nobody",
      request({ signerName: "web" }),
      [
        "spec.signerName: Invalid value: \"web\": must be a fully qualified domain and path of the form 'example.com/signer-name'",
      ],
    ],
    [
      "too short a life",
      request({ expirationSeconds: 60 }),
      ["spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 600 seconds (10 minutes)"],
    ],
    [
      "something else",
      request({ request: "YQ==" }),
      ['spec.request: Invalid value: "YQ==": PEM block type must be CERTIFICATE REQUEST'],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(certificateSigningRequests, draft)).toEqual(expected);
  });

  it("show what became of them", () => {
    expect(cells(certificateSigningRequests, request()).Condition).toBe("Pending");
    const status = { conditions: [{ type: "Approved", status: "True" }], certificate: "YQ==" };
    expect(cells(certificateSigningRequests, { ...request({ expirationSeconds: 3600 }), status })).toMatchObject({
      SignerName: "acme.io/web",
      RequestedDuration: "60m",
      Condition: "Approved,Issued",
    });
  });
});
