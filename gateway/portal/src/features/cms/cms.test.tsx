import { screen, waitFor, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { refuse, serve, type Call, type Handler } from "@/test/api";
import { person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";

const id = "01a20000-0000-7000-8000-000000000002";
const record = {
  id,
  supplierName: "Bright EMS, Inc.",
  npiReference: "1234567893",
  enrollmentState: "WI",
  enrollmentStatus: "active",
  etag: "r1",
  payerParticipation: [],
};

function cms(over: Record<string, Handler | object> = {}, role = "billing_administrator"): Call[] {
  return serve({
    "GET /api/me": person(role),
    "GET /api/cms/notice": { body: { workspace: "cms", version: 1, text: "Notice", acknowledged: true } },
    "GET /api/cms/metadata": { metadata: [record] },
    [`GET /api/cms/metadata/${id}`]: record,
    "GET /api/cms/expiration-alerts": { alerts: [] },
    "GET /api/cms/compliance-note": { notes: [] },
    ...over,
  });
}

/** Puts a text into a field at once: key by key a form of this size takes long on a busy machine. */
async function put(user: UserEvent, field: HTMLElement, text: string): Promise<void> {
  await user.clear(field);
  await user.click(field);
  await user.paste(text);
}

describe("an enrollment", () => {
  it("is checked while it is typed, payers too, and sent as the API names it", async () => {
    const calls = cms({ "POST /api/cms/metadata": { status: 201, body: record } });
    const { user, container } = await open("/cms/records/new");
    await put(user, await screen.findByLabelText(/^Supplier/), "Bright EMS, Inc.");
    await put(user, screen.getByLabelText(/^NPI/), "1234567890");
    await put(user, screen.getByLabelText(/^PTAN/), "q12345");
    expect(await screen.findByText(/last digit does not follow/)).toBeVisible();
    await put(user, screen.getByLabelText(/^NPI/), "1234567893");
    await user.selectOptions(screen.getByLabelText(/^State of practice/), "WI");
    await user.click(screen.getByRole("button", { name: "Add payer" }));
    const payer = screen.getByRole("group", { name: "Payer 1" });
    await put(user, within(payer).getByLabelText(/^Payer ID/), "00120");
    await user.click(screen.getByRole("button", { name: "Save enrollment" }));
    expect(await within(payer).findByText("Enter the first day.")).toBeVisible();
    await user.selectOptions(within(payer).getByLabelText(/^Status/), "Participating");
    await user.type(within(payer).getByLabelText(/^First day/), "2026-01-01");
    await expectAccessible(container);
    await user.click(screen.getByRole("button", { name: "Save enrollment" }));
    await waitFor(() =>
      expect(calls.find((c) => c.method === "POST")?.body).toEqual({
        supplierName: "Bright EMS, Inc.",
        npiReference: "1234567893",
        ptanReference: "Q12345",
        enrollmentState: "WI",
        pecosEnrollmentId: "",
        macIdentifier: "",
        payerParticipation: [
          { payerId: "00120", status: "STATUS_PARTICIPATING", effectiveDate: { year: 2026, month: 1, day: 1 } },
        ],
      }),
    );
  });

  it("shows what the server refuses of a payer at that payer", async () => {
    cms({
      [`GET /api/cms/metadata/${id}`]: {
        ...record,
        payerParticipation: [
          { payerId: "00120", status: "STATUS_PARTICIPATING", effectiveDate: { year: 2026, month: 1, day: 1 } },
        ],
      },
      [`PUT /api/cms/metadata/${id}`]: refuse(400, "METADATA_INVALID", "", [
        { field: "payerParticipation[0].payerId", rule: "payer.format", message: "not a payer" },
      ]),
    });
    const { user } = await open(`/cms/records/${id}/edit`);
    const name = await screen.findByLabelText(/^Supplier/);
    await user.type(name, " LLC");
    await user.click(screen.getByRole("button", { name: "Save changes" }));
    const payer = screen.getByRole("group", { name: "Payer 1" });
    expect(await within(payer).findByText("not a payer")).toBeVisible();
  });
});

describe("readiness", () => {
  it("puts what needs something first, and says what", async () => {
    cms({
      "GET /api/cms/readiness-check": {
        overall: "VERDICT_UNKNOWN",
        checkDate: { year: 2026, month: 11, day: 22 },
        checks: [
          { check: "NPI_VALID", record: `cms/metadata/${id}`, verdict: "VERDICT_PASS", required: true },
          {
            check: "MAC_ON_RECORD",
            record: `cms/metadata/${id}`,
            verdict: "VERDICT_UNKNOWN",
            action: "enter the contractor",
            required: false,
          },
          {
            check: "REVALIDATION_CURRENT",
            record: `cms/metadata/${id}`,
            verdict: "VERDICT_FAIL",
            action: "revalidate in PECOS",
            required: true,
          },
          {
            check: "PTAN_ON_RECORD",
            record: `cms/metadata/${id}`,
            verdict: "VERDICT_UNKNOWN",
            action: "enter the PTAN",
            required: true,
          },
        ],
      },
    });
    const { container } = await open("/cms/readiness");
    expect(await screen.findByText("A required check cannot be answered yet")).toBeVisible();
    const names = screen.getAllByRole("rowheader").map((cell) => cell.textContent);
    expect(names).toEqual([
      "Revalidation is not overdue",
      "The PTAN is on record",
      "The administrative contractor is on record",
      "The NPI is well formed",
    ]);
    expect(screen.getByText("Revalidate in PECOS.")).toBeVisible();
    expect(await screen.findAllByRole("link", { name: "Bright EMS, Inc." })).toHaveLength(4);
    await expectAccessible(container);
  });
});

describe("an agency administrator", () => {
  it("looks and changes nothing", async () => {
    cms({}, "agency_administrator");
    await open("/cms");
    expect(await screen.findByRole("link", { name: "Bright EMS, Inc." })).toBeVisible();
    expect(screen.queryByRole("link", { name: /New enrollment/ })).toBeNull();
  });

  it("sees why not while billing is off", async () => {
    const me = person("agency_administrator", {
      workspaces: [{ workspace: "cms", visible: false, reason: "BILLING_DISABLED" }],
    });
    cms({ "GET /api/me": me });
    await open("/cms");
    expect(await screen.findByText(/while billing is on for the agency/)).toBeVisible();
  });
});
