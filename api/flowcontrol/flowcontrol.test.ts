import { cells, errorsOf, read } from "../kind.test-kit.js";
import { flowSchemas } from "./flow-schema.js";
import { priorityLevelConfigurations } from "./priority-level-configuration.js";

const level = (spec: object): object => ({ spec });

describe("priority levels", () => {
  it("let requests wait in the usual queues", () => {
    const { spec } = read(
      priorityLevelConfigurations,
      level({ type: "Limited", limited: { limitResponse: { type: "Queue" } } }),
    );
    expect(spec.limited).toEqual({
      nominalConcurrencyShares: 30,
      lendablePercent: 0,
      limitResponse: { type: "Queue", queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } },
    });
  });

  it.each<[string, object, readonly string[]]>([
    [
      "bounds without any",
      level({ type: "Limited" }),
      ["spec.limited: Required value: must not be empty when type is Limited"],
    ],
    [
      "bounds where there are none",
      level({ type: "Exempt", limited: { limitResponse: { type: "Reject" } } }),
      ["spec.limited: Forbidden: must be nil if the type is not Limited"],
    ],
    [
      "a hand larger than the deck",
      level({ type: "Limited", limited: { limitResponse: { type: "Queue", queuing: { queues: 2, handSize: 3 } } } }),
      ["spec.limited.limitResponse.queuing.handSize: Invalid value: 3: should not be greater than queues (2)"],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(priorityLevelConfigurations, draft)).toEqual(expected);
  });
});

describe("flow schemas", () => {
  const schema = (...subjects: object[]): object => ({
    spec: {
      priorityLevelConfiguration: { name: "low" },
      rules: [{ subjects, nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/x"] }] }],
    },
  });

  it("name subjects by their kind", () => {
    expect(errorsOf(flowSchemas, schema({ kind: "User", user: { name: "a" } }))).toEqual([]);
    expect(errorsOf(flowSchemas, schema({ kind: "User" }))).toEqual([
      "spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'",
    ]);
    expect(errorsOf(flowSchemas, schema())).toEqual([
      "spec.rules[0].subjects: Required value: subjects must contain at least one value",
    ]);
  });

  it("show their level", () => {
    expect(cells(flowSchemas, schema())).toMatchObject({
      PriorityLevel: "low",
      MatchingPrecedence: 1000,
      MissingPL: "?",
    });
  });
});
