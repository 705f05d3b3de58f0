import fc from "fast-check";
import { Heap } from "./heap.js";

describe("the heap", () => {
  it("gives its items in order after any sets and deletes", () => {
    const step = fc.record({ id: fc.nat(20).map(String), value: fc.option(fc.nat(100)) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const heap = new Heap<number>((left, right) => left - right);
        const model = new Map<string, number>();
        for (const { id, value } of steps) {
          if (value === null) {
            heap.delete(id);
            model.delete(id);
          } else {
            heap.set(id, value);
            model.set(id, value);
          }
        }
        expect(heap.peek()).toBe(model.size > 0 ? Math.min(...model.values()) : undefined);
        const popped: number[] = [];
        for (let item = heap.pop(); item !== undefined; item = heap.pop()) popped.push(item);
        expect(popped).toEqual([...model.values()].toSorted((left, right) => left - right));
      }),
    );
  });
});
