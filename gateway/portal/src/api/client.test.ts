import { describe, expect, test, vi } from "vitest";
import { refuse, serve } from "@/test/api";
import { agencyChoice, chooseAgency, crossAgencies } from "./agency";
import { api, background, read, send } from "./client";
import { operationOf } from "./operation";
import { ApiProblem } from "./problem";
import { session } from "./session";
import { stepUpRequest } from "./stepup";

const cases = "GET /api/qa/cases";

async function refusal(call: Promise<unknown>): Promise<ApiProblem> {
  const error: unknown = await call.then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(ApiProblem);
  return error as ApiProblem;
}

describe("a call of the API", () => {
  test("answers the body, and sends what a read needs and no more", async () => {
    const calls = serve({ [cases]: { cases: [{ id: "c1" }] } });
    const page = await read(api.GET("/api/qa/cases", { params: { query: { state: "STATE_PENDING" } } }));
    expect(page.cases?.[0]?.id).toBe("c1");
    expect(calls[0]?.query.get("state")).toBe("STATE_PENDING");
    expect(calls[0]?.headers.get("X-CSRF-Token")).toBeNull();
    expect(calls[0]?.headers.get("X-Agency-Id")).toBeNull();
  });

  test("carries the CSRF token of the cookie when it changes something", async () => {
    vi.spyOn(document, "cookie", "get").mockReturnValue("theme=x; __Host-fleet-csrf=abc%3D");
    const calls = serve({ "POST /api/session:extend": {} });
    await read(api.POST("/api/session:extend", { body: {} }));
    expect(calls[0]?.headers.get("X-CSRF-Token")).toBe("abc=");
  });

  test("becomes the problem of the gateway with its violations and its request", async () => {
    const violation = { field: "expirationDate", rule: "after_issue", message: "must be after the issue date" };
    serve({ [cases]: refuse(400, "VALUE_INVALID", "one field is wrong", [violation]) });
    const problem = await refusal(read(api.GET("/api/qa/cases")));
    expect(problem).toMatchObject({ status: 400, reason: "VALUE_INVALID", requestId: "req-1", errors: [violation] });
    expect(problem.transient).toBe(false);
  });

  test("says that there was no answer", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed to fetch")));
    const problem = await refusal(read(api.GET("/api/qa/cases")));
    expect(problem).toMatchObject({ status: 0, reason: "NETWORK" });
    expect(problem.transient).toBe(true);
  });

  test("without a session ends it here", async () => {
    serve({ [cases]: refuse(401, "SESSION_IDLE") });
    await refusal(read(api.GET("/api/qa/cases")));
    expect(session.get().ended).toBe("idle");
  });

  test("that nobody asked for says so", async () => {
    const calls = serve({ "GET /api/health": { ready: true } });
    await read(api.GET("/api/health", background));
    expect(calls[0]?.headers.get("X-Fleet-Background")).toBe("1");
  });
});

describe("the agency of a founder", () => {
  test("one agency travels as its id", async () => {
    chooseAgency("7");
    const calls = serve({ [cases]: {}, "GET /api/agencies": {} });
    await read(api.GET("/api/qa/cases"));
    expect(calls[0]?.headers.get("X-Agency-Id")).toBe("7");
    expect(calls[0]?.headers.get("X-Access-Reason")).toBeNull();
  });

  test("all agencies travel as a reason, where a call may cross and nowhere else", async () => {
    crossAgencies("monthly review");
    const calls = serve({ [cases]: {}, "GET /api/agencies": {}, "GET /api/dea/grants": {} });
    await read(api.GET("/api/qa/cases"));
    await read(api.GET("/api/agencies"));
    await read(api.GET("/api/dea/grants"));
    expect(calls.map((c) => c.headers.get("X-Access-Reason"))).toEqual(["monthly review", null, null]);
  });

  test("choosing one agency forgets the reason", () => {
    crossAgencies("monthly review");
    chooseAgency("7");
    expect(agencyChoice.get()).toEqual({ agencyId: "7", reason: null });
  });
});

describe("a call that needs a recent second factor", () => {
  const key = "POST /api/dea/compliance-note";
  const post = () =>
    send(new Request("http://localhost:3000/api/dea/compliance-note", { method: "POST", body: '{"text":"x"}' }));

  test("waits for it and is repeated with its body", async () => {
    let first = true;
    const calls = serve({
      [key]: () => {
        if (!first) return { body: { id: "n1" } };
        first = false;
        return refuse(403, "STEP_UP_REQUIRED");
      },
    });
    const call = post();
    await vi.waitFor(() => expect(stepUpRequest.get()).not.toBeNull(), 20_000);
    stepUpRequest.get()?.resolve(true);
    await expect((await call).json()).resolves.toEqual({ id: "n1" });
    expect(calls.map((c) => c.body)).toEqual([{ text: "x" }, { text: "x" }]);
  });

  test("is refused when the person cancels, and asks once for several calls", async () => {
    const calls = serve({ [key]: refuse(403, "STEP_UP_REQUIRED") });
    const both = Promise.all([refusal(post()), refusal(post())]);
    await vi.waitFor(() => expect(calls).toHaveLength(2), 20_000);
    await vi.waitFor(() => expect(stepUpRequest.get()).not.toBeNull(), 20_000);
    stepUpRequest.get()?.resolve(false);
    const [one, other] = await both;
    expect([one.reason, other.reason]).toEqual(["STEP_UP_REQUIRED", "STEP_UP_REQUIRED"]);
    expect(calls).toHaveLength(2);
  });
});

test("a path is the operation that the table of permissions has", () => {
  const id = "0190aaaa-0000-7000-8000-000000000001";
  expect(operationOf("GET", `/api/qa/cases/${id}`)?.method).toBe("/fleet.qa.v1.CaseService/GetCase");
  expect(operationOf("POST", "/api/qa/cases:search")?.method).toBe("/fleet.qa.v1.CaseService/SearchCases");
  expect(operationOf("GET", `/api/reports/executions/${id}:export`)?.method).toBe(
    "/fleet.reporting.v1.ReportService/ExportExecution",
  );
  expect(operationOf("GET", `/api/reports/executions/${id}`)?.method).toBe(
    "/fleet.reporting.v1.ReportService/GetExecution",
  );
  expect(operationOf("GET", "/api/nothing")).toBeUndefined();
});
