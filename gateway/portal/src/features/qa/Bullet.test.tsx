import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { Bullet, measure } from "./Bullet";

test.each([
  // measured, limit, bar, mark, above, words
  [14, 10, 87, 62.1, true, "4 min above the limit"],
  [30.25, 25, 87, 71.9, true, "5.25 min above the limit"],
  [10, 10, 87, 87, false, "at the limit"],
  [4, 10, 34.8, 87, false, "6 min below the limit"],
  [0, 2, 0, 87, false, "2 min below the limit"],
  [0.3, 0.1, 87, 29, true, "0.2 min above the limit"],
  [0, 0, 0, 0, false, "at the limit"],
])("%d against %d", (measured, threshold, bar, limit, above, words) => {
  const m = measure(measured, threshold, "min");
  expect(m).toMatchObject({ bar, limit, above, words });
  expect(m.bar).toBeLessThanOrEqual(100);
  expect(m.limit).toBeLessThanOrEqual(100);
});

test("the words say all that the bar shows", () => {
  const { container } = render(<Bullet measured={4} threshold={10} unit="min" />);
  expect(screen.getByText("4 min")).toBeVisible();
  expect(screen.getByText("10 min")).toBeVisible();
  expect(screen.getByText("6 min below the limit")).toBeVisible();
  expect(container.querySelector("[aria-hidden=true]")).not.toBeNull();
});

test("a count has no unit", () => {
  expect(measure(3, 1, "").words).toBe("2 above the limit");
});
