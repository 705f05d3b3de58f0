import fc from "fast-check";
import {
  configMapKey,
  dns1035Label,
  dnsLabel,
  dnsSubdomain,
  environmentVariableName,
  labelValue,
  nameRules,
  pathSegment,
  percent,
  portName,
  qualifiedName,
  wildcardSubdomain,
} from "./names.js";

const subdomainShape =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

describe("names", () => {
  it.each([
    [dnsLabel, "web-1"],
    [dnsSubdomain, "web.example-1.com"],
    [dns1035Label, "a1"],
    [wildcardSubdomain, "*.example.com"],
    [pathSegment, "system:node:a"],
    [qualifiedName, "example.com/My_name.x"],
    [labelValue, ""],
    [labelValue, "v1.2_3"],
    [configMapKey, ".dockerconfigjson"],
    [environmentVariableName, "my var-1"],
    [portName, "http-2"],
    [percent, "25%"],
  ])("%p takes %p", (rule, name) => {
    expect(rule(name)).toEqual([]);
  });

  it.each([
    [dnsLabel, "a.b", ["must not contain dots"]],
    [dnsLabel, "a".repeat(64), ["must be no more than 63 characters"]],
    [dnsSubdomain, "Web", [subdomainShape]],
    [dnsSubdomain, "..", [subdomainShape]],
    [pathSegment, "..", ["may not be '..'"]],
    [pathSegment, "a/b%", ["may not contain '/'", "may not contain '%'"]],
    [qualifiedName, "/a", ["prefix part must be non-empty"]],
    [qualifiedName, `${"x".repeat(64)}`, ["name part must be no more than 63 bytes"]],
    [qualifiedName, "A_b/c", [`prefix part ${subdomainShape}`]],
    [labelValue, "v".repeat(64), ["must be no more than 63 bytes"]],
    [portName, "1", ["must contain at least one letter (a-z)"]],
    [configMapKey, "..", ["must not be '..'"]],
    [environmentVariableName, "", ["environment variable name must be non-empty"]],
  ])("%p refuses %p", (rule, name, messages) => {
    expect(rule(name)).toEqual(messages);
  });

  it("shows the pattern and two examples of a label", () => {
    expect(dnsLabel("A")[0]).toBe(
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    );
  });

  it("tells a key of three parts what a key looks like", () => {
    expect(qualifiedName("a/b/c")[0]).toMatch(
      /^a valid label key must consist .* with an optional DNS subdomain prefix and '\/' \(e\.g\. 'example\.com\/MyName'\)$/,
    );
  });

  it("never lets a name through that changes a path", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...Object.values(nameRules)), (name, rule) => {
        if (rule(name).length === 0) expect(name).not.toMatch(/^\.{1,2}$|\//);
      }),
    );
  });

  it("accepts a label wherever a subdomain is taken", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[-a-z0-9]{1,70}$/), (name) => {
        if (dnsLabel(name).length === 0) expect(dnsSubdomain(name)).toEqual([]);
      }),
    );
  });
});
