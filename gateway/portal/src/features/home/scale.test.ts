import { expect, test } from "vitest";
import { scaleTop } from "./scale";

test("the top of a scale is round, holds everything and wastes less than a half", () => {
  expect([0, 1, 2, 3, 5, 7, 10, 11, 23, 300, 345].map(scaleTop)).toEqual([1, 1, 2, 4, 6, 10, 10, 20, 40, 400, 400]);
  for (let n = 2; n < 2000; n++) {
    expect(scaleTop(n)).toBeGreaterThanOrEqual(n);
    expect(scaleTop(n)).toBeLessThan(2 * n);
  }
});
