import { QueryClient } from "@tanstack/react-query";
import { describe, expect, test } from "vitest";
import { ApiProblem } from "./problem";
import { optimistic, retryDelay, shouldRetry } from "./query";

const problem = (status: number, retryAfter = 0) => new ApiProblem({ status, reason: "X", title: "x", retryAfter });

describe("trying again", () => {
  test("only what may be answered a moment later, and not for ever", () => {
    expect([0, 502, 503, 504].map((s) => shouldRetry(0, problem(s)))).toEqual([true, true, true, true]);
    expect([400, 401, 403, 404, 409, 429, 500].some((s) => shouldRetry(0, problem(s)))).toBe(false);
    expect(shouldRetry(3, problem(503))).toBe(false);
    expect(shouldRetry(0, new Error("bug"))).toBe(false);
  });

  test("later each time, and not before the gateway allows it", () => {
    expect(retryDelay(0, problem(503))).toBe(500);
    expect(retryDelay(2, problem(503))).toBe(2000);
    expect(retryDelay(0, problem(503, 4))).toBe(4000);
  });
});

describe("a change that shows at once", () => {
  const key = ["alerts"];
  const setUp = () => {
    const client = new QueryClient();
    client.setQueryData(key, { state: "open" });
    return { client, change: optimistic(client, key, (old: { state: string }, state: string) => ({ ...old, state })) };
  };

  test("is there before the answer", async () => {
    const { client, change } = setUp();
    await change.onMutate("acknowledged");
    expect(client.getQueryData(key)).toEqual({ state: "acknowledged" });
  });

  test("is taken back when the server refuses", async () => {
    const { client, change } = setUp();
    const context = await change.onMutate("acknowledged");
    change.onError(problem(409), "acknowledged", context);
    expect(client.getQueryData(key)).toEqual({ state: "open" });
  });
});
