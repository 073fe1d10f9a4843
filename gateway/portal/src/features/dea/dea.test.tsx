import { screen, waitFor, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { refuse, serve, type Call, type Handler } from "@/test/api";
import { person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";

const id = "01a20000-0000-7000-8000-000000000001";
const date = (iso: string) => {
  const [year, month, day] = iso.split("-").map(Number);
  return { year, month, day };
};

const record = {
  id,
  registrantName: "Bright EMS",
  deaRegistrationNumber: "AB1234563",
  authorizedSchedules: ["II", "IV"],
  registrationStatus: "expiring",
  issueDate: date("2024-01-01"),
  expirationDate: date("2027-01-01"),
  registeredState: "WI",
  stationhouse: "Station 1",
  // As the API writes codes that say nothing.
  businessActivity: "BUSINESS_ACTIVITY_UNSPECIFIED",
  verificationSource: "VERIFICATION_SOURCE_UNSPECIFIED",
  retireReason: "RETIRE_REASON_UNSPECIFIED",
  etag: "r1",
  createTime: "2026-11-01T12:00:00Z",
  updateTime: "2026-11-01T12:00:00Z",
  warnings: [{ code: "UNVERIFIED", field: "lastVerifiedDate", message: "nobody has looked this record up yet" }],
};

const text = "COMPLIANCE NOTICE\n\nNothing is stored here.";
const notice = { workspace: "dea", version: 3, text, sha256: "ab".repeat(32), acknowledged: true };

/** The calls that every page of the workspace makes. */
function dea(over: Record<string, Handler | object> = {}, role = "compliance_officer"): Call[] {
  return serve({
    "GET /api/me": person(role),
    "GET /api/dea/notice": { body: notice },
    "GET /api/dea/metadata": { metadata: [record] },
    [`GET /api/dea/metadata/${id}`]: record,
    "GET /api/dea/expiration-alerts": { alerts: [] },
    "GET /api/dea/compliance-note": { notes: [] },
    ...over,
  });
}

const sent = (calls: Call[], method: string, path: string) =>
  calls.filter((c) => c.method === method && c.path === path);

describe("the notice", () => {
  it("stands before every page, word for word, and is acknowledged by version and digest of what was shown", async () => {
    let acknowledged = false;
    const calls = dea({
      "GET /api/dea/notice": () => ({ body: { ...notice, acknowledged } }),
      "POST /api/dea/notice:acknowledge": () => {
        acknowledged = true;
        return { body: { ...notice, acknowledged } };
      },
    });
    const { user, container } = await open("/dea/notes");
    expect(await screen.findByRole("heading", { level: 1, name: "Compliance notice" })).toBeVisible();
    const acknowledge = await screen.findByRole("button", { name: /acknowledge this notice/ });
    expect(container.querySelector("[data-notice-version]")?.textContent).toBe(text);
    expect(sent(calls, "GET", "/api/dea/compliance-note")).toEqual([]);
    await user.click(acknowledge);
    expect(await screen.findByRole("heading", { level: 1, name: "Notes" })).toBeVisible();
    const digest = Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
    expect(sent(calls, "POST", "/api/dea/notice:acknowledge")[0]?.body).toEqual({
      version: 3,
      sha256: digest.map((b) => b.toString(16).padStart(2, "0")).join(""),
    });
  });

  it("is shown anew when its wording changed in between", async () => {
    let text = "first wording";
    dea({
      "GET /api/dea/notice": () => ({ body: { ...notice, text, acknowledged: false } }),
      "POST /api/dea/notice:acknowledge": () => {
        text = "second wording";
        return refuse(409, "NOTICE_OUTDATED");
      },
    });
    const { user } = await open("/dea");
    await user.click(await screen.findByRole("button", { name: /acknowledge this notice/ }));
    expect(await screen.findByText("second wording")).toBeVisible();
    expect(screen.getByText(/wording has changed/)).toBeVisible();
  });
});

describe("the list", () => {
  it("counts by status and filters by what stands in the address", async () => {
    const calls = dea({
      "GET /api/dea/metadata": ({ query }: Call) =>
        query.has("status")
          ? { metadata: [] }
          : { metadata: [record, { ...record, id: "x", registrationStatus: "active" }] },
    });
    const { container } = await open("/dea?status=expired&dueTo=2026-12-31");
    const figures = await screen.findByRole("region", { name: "Figures" });
    await waitFor(() => expect(figures).toHaveTextContent(/in force2/));
    expect(figures).toHaveTextContent(/Active1/);
    expect(figures).toHaveTextContent(/Expiring1/);
    expect(figures).toHaveTextContent(/Expired0/);
    expect(await screen.findByText("No registration matches the filters")).toBeVisible();
    const filtered = calls.find((c) => c.path === "/api/dea/metadata" && c.query.has("status"));
    expect(filtered?.query.get("status")).toBe("expired");
    expect(filtered?.query.get("dueTo")).toBe("2026-12-31");
    await expectAccessible(container);
  });

  it("offers nothing that the role may not do", async () => {
    dea({}, "controlled_substance_officer");
    await open("/dea");
    expect(await screen.findByRole("link", { name: "Bright EMS" })).toBeVisible();
    expect(screen.queryByRole("link", { name: /New registration/ })).toBeNull();
    expect(screen.queryByRole("link", { name: "Administrators" })).toBeNull();
    expect(screen.queryByRole("link", { name: "Audit log" })).toBeNull();
    expect(screen.getByRole("button", { name: "Export" })).toBeVisible();
  });

  it("links to the authority in a new tab that knows nothing of this one", async () => {
    dea();
    await open("/dea");
    const link = await screen.findByRole("link", { name: /DEA.gov/ });
    expect(link).toHaveAttribute("href", "https://www.deadiversion.usdoj.gov/");
    expect(link).toHaveAttribute("target", "_blank");
    expect(link).toHaveAttribute("rel", "noopener noreferrer");
  });
});

async function fillIn(user: UserEvent, number: string) {
  await user.type(await screen.findByLabelText(/^Registrant/), "Bright EMS");
  await user.type(screen.getByLabelText(/^DEA number/), number);
  await user.selectOptions(screen.getByLabelText(/^State/), "WI");
  await user.click(screen.getByLabelText("II"));
}

describe("a new registration", () => {
  it("is checked while it is typed", async () => {
    dea();
    const { user, container } = await open("/dea/records/new");
    await fillIn(user, "AB1234564");
    await user.tab();
    expect(await screen.findByText(/last digit does not follow/)).toBeVisible();
    await user.clear(screen.getByLabelText(/^DEA number/));
    await user.type(screen.getByLabelText(/^DEA number/), "AQ1234563");
    await waitFor(() => expect(screen.queryByText(/last digit does not follow/)).toBeNull());
    expect(screen.getByText(/second letter is usually/)).toBeVisible();
    await user.type(screen.getByLabelText(/^Issued/), "2026-01-02");
    await user.type(screen.getByLabelText(/^Expires/), "2026-01-01");
    await user.click(screen.getByRole("button", { name: "Save registration" }));
    expect(await screen.findByText("The day of issue or later.")).toBeVisible();
    await expectAccessible(container);
  });

  it("is sent once under one request id, and a corrected one under another", async () => {
    let answers = 0;
    const calls = dea({
      "POST /api/dea/metadata": () => {
        answers += 1;
        if (answers < 3) return refuse(503, "HTTP_503");
        return { status: 201, body: record };
      },
    });
    const { user } = await open("/dea/records/new");
    await fillIn(user, "AB1234563");
    const save = () => user.click(screen.getByRole("button", { name: "Save registration" }));
    await save();
    expect(await screen.findByText("A part of the system is away")).toBeVisible();
    await save();
    await waitFor(() => expect(sent(calls, "POST", "/api/dea/metadata")).toHaveLength(2));
    await user.type(screen.getByLabelText(/^Stationhouse/), "Station 2");
    await save();
    expect(await screen.findByRole("heading", { level: 1, name: "Bright EMS" })).toBeVisible();
    const requests = sent(calls, "POST", "/api/dea/metadata");
    const ids = requests.map((c) => c.query.get("requestId"));
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(requests[2]?.body).toEqual({
      registrantName: "Bright EMS",
      deaRegistrationNumber: "AB1234563",
      authorizedSchedules: ["II"],
      registeredState: "WI",
      stationhouse: "Station 2",
    });
  });

  it("shows what the server refuses at its field", async () => {
    const message = "one record in force for each number, agency and state";
    dea({
      "POST /api/dea/metadata": refuse(409, "METADATA_EXISTS", "", [
        { field: "deaRegistrationNumber", rule: "record.unique", message },
      ]),
    });
    const { user } = await open("/dea/records/new");
    await fillIn(user, "AB1234563");
    await user.click(screen.getByRole("button", { name: "Save registration" }));
    expect(await screen.findByText(message)).toBeVisible();
    expect(screen.getByLabelText(/^DEA number/)).toHaveAttribute("aria-invalid", "true");
    expect(screen.getByLabelText(/^DEA number/)).toHaveValue("AB1234563");
  });
});

describe("a change", () => {
  it("sends the fields that changed, with the etag that was read", async () => {
    const calls = dea({ [`PUT /api/dea/metadata/${id}`]: { ...record, etag: "r2" } });
    const { user } = await open(`/dea/records/${id}/edit?focus=expirationDate`);
    const expires = await screen.findByLabelText(/^Expires/);
    await waitFor(() => expect(expires).toHaveFocus());
    await user.clear(expires);
    await user.type(expires, "2029-06-30");
    await user.click(screen.getByRole("button", { name: "Save changes" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Bright EMS" })).toBeVisible();
    const [put] = sent(calls, "PUT", `/api/dea/metadata/${id}`);
    expect(put?.query.get("updateMask")).toBe("expirationDate");
    expect(put?.body).toMatchObject({ etag: "r1", expirationDate: date("2029-06-30") });
    expect(put?.body).not.toHaveProperty("verificationSource");
  });

  it("that somebody else was faster with is decided by the person, and keeps what nobody contests", async () => {
    const theirs = { ...record, etag: "r2", stationhouse: "Station 7", registeredState: "IL" };
    let stored: object = record;
    const calls = dea({
      [`GET /api/dea/metadata/${id}`]: () => stored,
      [`PUT /api/dea/metadata/${id}`]: ({ body }: Call) => {
        if ((body as { etag: string }).etag === "r2") return { ...theirs, ...(body as object), etag: "r3" };
        stored = theirs;
        return refuse(409, "ETAG_MISMATCH");
      },
    });
    const { user } = await open(`/dea/records/${id}/edit`);
    const house = await screen.findByLabelText(/^Stationhouse/);
    await user.clear(house);
    await user.type(house, "Station 2");
    await user.click(screen.getByRole("button", { name: "Save changes" }));
    const dialog = await screen.findByRole("dialog", { name: /Somebody changed/ });
    expect(within(dialog).getByText("Changed by them")).toBeVisible();
    expect(within(dialog).getByText("Now: IL")).toBeVisible();
    expect(within(dialog).getByRole("radio", { name: /Theirs\s*Station 7/ })).toBeChecked();
    await user.click(within(dialog).getByRole("radio", { name: /Yours\s*Station 2/ }));
    await expectAccessible(dialog);
    await user.click(within(dialog).getByRole("button", { name: "Save with these decisions" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Bright EMS" })).toBeVisible();
    const put = sent(calls, "PUT", `/api/dea/metadata/${id}`)[1];
    expect(put?.query.get("updateMask")).toBe("stationhouse");
    expect(put?.body).toMatchObject({ etag: "r2", stationhouse: "Station 2", registeredState: "IL" });
  });

  it("is not offered for a retired record", async () => {
    dea({
      [`GET /api/dea/metadata/${id}`]: {
        ...record,
        registrationStatus: "retired",
        retireTime: "2026-11-02T12:00:00Z",
        retireReason: "RETIRE_REASON_SURRENDERED",
      },
    });
    await open(`/dea/records/${id}`);
    expect(await screen.findByText("This registration is retired")).toBeVisible();
    expect(screen.getByText(/Surrendered by the agency/)).toBeVisible();
    expect(screen.queryByRole("link", { name: "Change" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Retire" })).toBeNull();
  });
});

describe("an alert", () => {
  const alert = {
    id: "01a20000-0000-7000-8000-0000000000a1",
    record: `dea/metadata/${id}`,
    kind: "KIND_EXPIRATION",
    dueDate: date("2099-01-01"),
    thresholdDays: 30,
    state: "STATE_OPEN",
  };

  it("that was acknowledged is gone from the bell, too, which looks seldom by itself", async () => {
    let state = "STATE_OPEN";
    dea({
      "GET /api/dea/expiration-alerts": () => ({
        body: { alerts: [{ ...alert, state, createTime: "2026-11-01T12:00:00Z" }] },
      }),
      [`POST /api/dea/expiration-alerts/${alert.id}:acknowledge`]: () => {
        state = "STATE_ACKNOWLEDGED";
        return { body: { ...alert, state } };
      },
    });
    const { user } = await open("/dea/alerts");
    expect(await screen.findByRole("button", { name: "Notifications, 1 new" })).toBeVisible();
    await user.click(await screen.findByRole("button", { name: "Acknowledge" }));
    expect(await screen.findByRole("button", { name: "Notifications" })).toBeVisible();
  });

  it("of a record is found behind those of others on the pages before it", async () => {
    const other = { ...alert, id: "01a20000-0000-7000-8000-0000000000b2", record: "dea/metadata/another" };
    dea({
      "GET /api/dea/expiration-alerts": ({ query }) => ({
        body: query.get("pageToken")
          ? { alerts: [alert] }
          : { alerts: [{ ...other, state: "STATE_RESOLVED" }], nextPageToken: "two" },
      }),
    });
    await open(`/dea/records/${id}`);
    expect(await screen.findByText("Registration expires:", { exact: false })).toHaveTextContent("Jan 1, 2099");
    expect(screen.getAllByText("Registration expires:", { exact: false })).toHaveLength(1);
  });

  it("is acknowledged, or rests until a day before its date with a reason", async () => {
    const calls = dea({
      "GET /api/dea/expiration-alerts": { alerts: [alert] },
      [`POST /api/dea/expiration-alerts/${alert.id}:acknowledge`]: alert,
      [`POST /api/dea/expiration-alerts/${alert.id}:snooze`]: alert,
    });
    const { user, container } = await open("/dea/alerts");
    expect(await screen.findByRole("link", { name: "Bright EMS" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Acknowledge" }));
    await waitFor(() =>
      expect(sent(calls, "POST", `/api/dea/expiration-alerts/${alert.id}:acknowledge`)).toHaveLength(1),
    );
    await user.click(screen.getByRole("button", { name: "Snooze" }));
    const dialog = await screen.findByRole("dialog", { name: "Snooze alert" });
    await user.type(within(dialog).getByLabelText(/Rest until/), "2099-01-01");
    await user.click(within(dialog).getByRole("button", { name: "Snooze alert" }));
    expect(await within(dialog).findByText(/before the date of the alert/)).toBeVisible();
    expect(within(dialog).getByText("Say why it may rest.")).toBeVisible();
    await user.clear(within(dialog).getByLabelText(/Rest until/));
    await user.type(within(dialog).getByLabelText(/Rest until/), "2098-12-31");
    await user.type(within(dialog).getByLabelText(/Reason/), "In the post");
    await user.click(within(dialog).getByRole("button", { name: "Snooze alert" }));
    await waitFor(() =>
      expect(sent(calls, "POST", `/api/dea/expiration-alerts/${alert.id}:snooze`)[0]?.body).toEqual({
        untilDate: date("2098-12-31"),
        reason: "In the post",
      }),
    );
    await expectAccessible(container);
  });

  it("is only looked at by those who may not edit", async () => {
    dea({ "GET /api/dea/expiration-alerts": { alerts: [alert] } }, "controlled_substance_officer");
    await open("/dea/alerts");
    expect(await screen.findByText(/Registration expires/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Acknowledge" })).toBeNull();
  });
});

describe("administrators", () => {
  it("are granted the workspace for a time, with a reason, by their login", async () => {
    const calls = dea({
      "GET /api/dea/access": { enabled: true, updateTime: "2026-11-01T12:00:00Z" },
      "GET /api/dea/grants": {
        grants: [
          {
            id: "g1",
            subject: "s1",
            reason: "inspection",
            createTime: "2026-11-01T12:00:00Z",
            expireTime: "2099-01-01T00:00:00Z",
            live: true,
          },
        ],
      },
      "GET /api/people": { people: [{ subject: "s1", login: "lakeshore-admin", roles: ["agency_administrator"] }] },
      "POST /api/dea/grants": refuse(400, "GRANT_INVALID", "", [
        { field: "expireTime", rule: "grant.max_days", message: "at most 90 days from now" },
      ]),
      "POST /api/dea/grants/g1:revoke": {},
    });
    const { user, container } = await open("/dea/access");
    expect(await screen.findByRole("rowheader", { name: "lakeshore-admin" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "New grant" }));
    const dialog = await screen.findByRole("dialog", { name: "New grant" });
    await user.selectOptions(within(dialog).getByLabelText(/Administrator/), "lakeshore-admin");
    await user.type(within(dialog).getByLabelText(/Reason/), "inspection of the state");
    await user.type(within(dialog).getByLabelText(/Last day/), "2098-12-31");
    await user.click(within(dialog).getByRole("button", { name: "Give grant" }));
    expect(await within(dialog).findByText("at most 90 days from now")).toBeVisible();
    expect(sent(calls, "POST", "/api/dea/grants")[0]?.body).toEqual({
      subject: "s1",
      reason: "inspection of the state",
      expireTime: "2098-12-31T23:59:59Z",
    });
    await user.click(within(dialog).getByRole("button", { name: "Cancel" }));
    await user.click(screen.getByRole("button", { name: "Revoke" }));
    await user.click(await screen.findByRole("button", { name: "Revoke grant" }));
    await waitFor(() => expect(sent(calls, "POST", "/api/dea/grants/g1:revoke")).toHaveLength(1));
    await expectAccessible(container);
  });
});
